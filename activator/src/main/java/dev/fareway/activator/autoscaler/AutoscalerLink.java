package dev.fareway.activator.autoscaler;

import dev.fareway.activator.autoscaler.wire.Stat;
import dev.fareway.activator.autoscaler.wire.WireStatMessage;
import dev.fareway.activator.autoscaler.wire.WireStatMessages;
import dev.fareway.activator.core.ConcurrencyLog;
import dev.fareway.activator.core.RevisionKey;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to Knative's autoscaler: opened again and again until it holds, watched by pings,
 * and given the figures of each period. What is said while there is no connection is lost, as with
 * Knative's own activator: the next period says how things are then. To be used on one event loop.
 */
public final class AutoscalerLink {
  private static final Logger LOG = LoggerFactory.getLogger(AutoscalerLink.class);
  private static final Buffer PING = Buffer.buffer("ping");

  /** Knative's: a ping every third of the time within which its pong must come. */
  private static final long PING_MILLIS = 3_300;

  private static final long PONG_NANOS = 10_000_000_000L;
  private static final long FIRST_RETRY_MILLIS = 100;
  private static final long LAST_RETRY_MILLIS = 5_000;
  private static final int CONNECT_MILLIS = 3_000;

  private final Vertx vertx;
  private final String host;
  private final int port;
  private final String podName;
  private final WebSocketClient client;
  private @Nullable WebSocket socket;
  private long lastPongNanos;
  private long retryMillis = FIRST_RETRY_MILLIS;
  private boolean isClosed;
  private long errors;

  /**
   * A link to the autoscaler at this address, not opened yet.
   *
   * @param podName this activator's pod: the autoscaler tells reporters apart by it
   */
  public AutoscalerLink(Vertx vertx, String host, int port, String podName) {
    this.vertx = vertx;
    this.host = host;
    this.port = port;
    this.podName = podName;
    client =
        vertx.createWebSocketClient(
            new WebSocketClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                // Who does not answer pings does not say goodbye either.
                .setClosingTimeout(1));
  }

  /** Opens the link and keeps it open. */
  public void open() {
    connect();
    vertx.setPeriodic(PING_MILLIS, timer -> ping());
  }

  /** Whether it is open now. */
  public boolean isConnected() {
    return socket != null;
  }

  /** How often it could not be opened, or broke. */
  public long errors() {
    return errors;
  }

  /** Says at once that a function which was idle has its first request. */
  public void woken(RevisionKey key) {
    send(List.of(new ConcurrencyLog.Report(key, 1, 1)));
  }

  /** Sends the figures of a period. */
  public void send(List<ConcurrencyLog.Report> reports) {
    WebSocket open = socket;
    if (open == null || reports.isEmpty()) {
      return;
    }
    long timestamp = System.currentTimeMillis() / 1000;
    WireStatMessages.Builder messages = WireStatMessages.newBuilder();
    for (ConcurrencyLog.Report report : reports) {
      messages.addMessages(
          WireStatMessage.newBuilder()
              .setNamespace(report.key().namespace())
              .setName(report.key().name())
              .setStat(
                  Stat.newBuilder()
                      .setPodName(podName)
                      .setAverageConcurrentRequests(report.concurrency())
                      .setRequestCount(report.arrivals())
                      .setTimestamp(timestamp)));
    }
    open.writeBinaryMessage(Buffer.buffer(messages.build().toByteArray()));
  }

  /** Closes it for good. */
  public void close() {
    isClosed = true;
    if (socket != null) {
      socket.close();
    }
  }

  private void connect() {
    if (isClosed) {
      return;
    }
    client
        .connect(
            new WebSocketConnectOptions()
                .setHost(host)
                .setPort(port)
                .setURI("/")
                .setTimeout(CONNECT_MILLIS))
        .onSuccess(this::opened)
        .onFailure(
            failure -> {
              LOG.warn(
                  "No connection to the autoscaler at {}:{}: {}", host, port, failure.toString());
              retry();
            });
  }

  private void opened(WebSocket open) {
    LOG.info("Connected to the autoscaler at {}:{}", host, port);
    socket = open;
    retryMillis = FIRST_RETRY_MILLIS;
    lastPongNanos = System.nanoTime();
    open.pongHandler(pong -> lastPongNanos = System.nanoTime());
    open.exceptionHandler(failure -> open.close());
    open.closeHandler(
        closed -> {
          socket = null;
          retry();
        });
  }

  private void retry() {
    if (!isClosed) {
      errors++;
      vertx.setTimer(retryMillis, timer -> connect());
      retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
    }
  }

  private void ping() {
    WebSocket open = socket;
    if (open == null) {
      return;
    }
    if (System.nanoTime() - lastPongNanos > PONG_NANOS) {
      LOG.warn("The autoscaler at {}:{} has not answered for 10 s", host, port);
      open.close();
    } else {
      open.writePing(PING);
    }
  }
}
