package dev.fareway.activator.conformance;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fareway.activator.autoscaler.wire.WireStatMessage;
import dev.fareway.activator.autoscaler.wire.WireStatMessages;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.ServerWebSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Knative's autoscaler as a real websocket server that understands what it is told. */
final class StandInAutoscaler {
  final List<WireStatMessage> heard = new CopyOnWriteArrayList<>();
  final AtomicInteger connections = new AtomicInteger();
  final AtomicInteger malformed = new AtomicInteger();
  private final Vertx vertx;
  private final int port;
  private HttpServer server;
  private final List<ServerWebSocket> open = new CopyOnWriteArrayList<>();

  StandInAutoscaler(Vertx vertx) throws Exception {
    this.vertx = vertx;
    server = listen(0);
    port = server.actualPort();
  }

  int port() {
    return port;
  }

  void stop() throws Exception {
    Waiting.await(server.close());
    open.clear();
  }

  void startAgain() throws Exception {
    server = listen(port);
  }

  /** The sum of what was said of a revision's arrivals. */
  double arrivals(String revision) {
    return heard.stream()
        .filter(each -> each.getName().equals(revision))
        .mapToDouble(each -> each.getStat().getRequestCount())
        .sum();
  }

  private HttpServer listen(int at) throws Exception {
    return Waiting.await(
        vertx
            .createHttpServer()
            .webSocketHandler(
                socket -> {
                  connections.incrementAndGet();
                  open.add(socket);
                  socket.binaryMessageHandler(
                      message -> {
                        try {
                          heard.addAll(
                              WireStatMessages.parseFrom(message.getBytes()).getMessagesList());
                        } catch (InvalidProtocolBufferException e) {
                          malformed.incrementAndGet();
                        }
                      });
                })
            .listen(at, "127.0.0.1"));
  }
}
