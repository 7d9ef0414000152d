package dev.fareway.activator.conformance;

import dev.fareway.activator.core.PodAddress;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SSLOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A pod as a real HTTP server: answers probes as a queue-proxy does, and requests as each test
 * wants.
 */
final class StandInPod {
  private final Vertx vertx;
  private final HttpServer server;
  private @Nullable HttpServer secure;
  private final PodAddress address;

  /** Requests that are being answered now, and the most that ever were. */
  final AtomicInteger running = new AtomicInteger();

  final AtomicInteger mostRunning = new AtomicInteger();
  final AtomicInteger seen = new AtomicInteger();

  /** Probes, and who the last one said to be. */
  final AtomicInteger probed = new AtomicInteger();

  volatile String probeAgent = "";

  /** Of those, the ones in TLS. */
  final AtomicInteger seenByTls = new AtomicInteger();

  final AtomicInteger connections = new AtomicInteger();
  final AtomicInteger cancelled = new AtomicInteger();
  final List<String> order = new CopyOnWriteArrayList<>();
  final Map<String, MultiMap> headersByPath = new ConcurrentHashMap<>();
  volatile boolean ready = true;

  private final Deque<HttpServerRequest> held = new ArrayDeque<>();

  StandInPod(Vertx vertx, String node) throws Exception {
    this.vertx = vertx;
    server =
        Waiting.await(
            vertx
                .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                .connectionHandler(opened -> connections.incrementAndGet())
                .requestHandler(this::handle)
                .listen());
    address = new PodAddress("127.0.0.1", server.actualPort(), node, "uid-" + server.actualPort());
  }

  PodAddress address() {
    return address;
  }

  /** Speaks TLS as well, at another port; said again, with another certificate from then on. */
  void tls(TestCertificates.Pair certificate) throws Exception {
    if (secure == null) {
      secure =
          Waiting.await(
              vertx
                  .createHttpServer(
                      new HttpServerOptions()
                          .setHost("127.0.0.1")
                          .setPort(0)
                          .setSsl(true)
                          .setUseAlpn(true)
                          .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                          .setKeyCertOptions(certificate.options()))
                  .requestHandler(
                      request -> {
                        if (request.getHeader("K-Network-Probe") == null) {
                          seenByTls.incrementAndGet();
                        }
                        handle(request);
                      })
                  .listen());
    } else {
      Waiting.await(
          secure.updateSSLOptions(
              new SSLOptions()
                  .setUseAlpn(true)
                  .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                  .setKeyCertOptions(certificate.options()),
              true));
    }
  }

  /** Where it speaks TLS; 0: it does not. */
  int securePort() {
    return secure == null ? 0 : secure.actualPort();
  }

  /** Answers the oldest request to {@code /hold}. */
  boolean release() {
    HttpServerRequest request;
    synchronized (held) {
      request = held.poll();
    }
    if (request == null) {
      return false;
    }
    request.response().end("released");
    return true;
  }

  int held() {
    synchronized (held) {
      return held.size();
    }
  }

  void close() throws Exception {
    Waiting.await(server.close());
  }

  private void handle(HttpServerRequest request) {
    if ("queue".equals(request.getHeader("K-Network-Probe"))) {
      probed.incrementAndGet();
      probeAgent = request.getHeader("User-Agent");
      request.response().setStatusCode(ready ? 200 : 503).end("queue");
      return;
    }
    seen.incrementAndGet();
    int now = running.incrementAndGet();
    mostRunning.accumulateAndGet(now, Math::max);
    headersByPath.put(request.path(), MultiMap.caseInsensitiveMultiMap().addAll(request.headers()));
    String name = request.getHeader("name");
    if (name != null) {
      order.add(name);
    }
    var response = request.response();
    response.endHandler(ended -> running.decrementAndGet());
    response.exceptionHandler(failure -> cancelled.incrementAndGet());
    response.closeHandler(closed -> cancelled.incrementAndGet());
    switch (request.path()) {
      case "/hold" -> {
        synchronized (held) {
          held.add(request);
        }
      }
      case "/echo" -> {
        response.setChunked(true);
        response.putHeader("version", request.version().toString());
        request.handler(response::write);
        request.endHandler(ended -> response.end());
      }
      case "/trailers" -> {
        response.setChunked(true);
        response.putHeader("content-type", "application/grpc");
        response.write("message");
        response.putTrailer("grpc-status", "0");
        request.endHandler(ended -> response.end());
      }
      case "/trailers-only" -> {
        response.putHeader("content-type", "application/grpc");
        response.putHeader("grpc-status", "12");
        request.endHandler(ended -> response.end());
      }
      case "/headers-first" -> {
        response.setChunked(true);
        response.putHeader("first", "yes");
        response.write("");
        synchronized (held) {
          held.add(request);
        }
      }
      case "/die" -> request.connection().close();
      case "/die-late" -> {
        response.setChunked(true);
        response.write("part").onComplete(written -> request.connection().close());
      }
      case "/early" -> response.setStatusCode(413).end("too large");
      case "/empty" -> response.setStatusCode(204).end();
      case "/websocket" ->
          request
              .toWebSocket()
              .onSuccess(
                  socket ->
                      socket.textMessageHandler(
                          text -> socket.writeTextMessage("you said " + text)));
      case "/head" -> response.putHeader("content-length", "2").end();
      default -> response.end("ok");
    }
  }
}
