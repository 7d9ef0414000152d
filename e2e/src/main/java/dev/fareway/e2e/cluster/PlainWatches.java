package dev.fareway.e2e.cluster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A door to the mock API server for clients that watch as most do, by a plain HTTP answer that
 * never ends: the mock tells of changes over WebSockets only. All else is passed on as it is.
 */
final class PlainWatches implements AutoCloseable {
  private static final String END = "";
  private static final Set<String> NOT_OURS = Set.of("connection", "content-length", "host");

  private final int mockPort;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(threads).build();

  PlainWatches(int mockPort) {
    this.mockPort = mockPort;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::serve);
    server.setExecutor(threads);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String query = exchange.getRequestURI().getRawQuery();
      if (query != null && query.contains("watch=true")) {
        watch(exchange);
      } else {
        passOn(exchange);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void passOn(HttpExchange exchange) throws IOException, InterruptedException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    var request =
        HttpRequest.newBuilder(address("http", exchange))
            .method(
                exchange.getRequestMethod(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (!NOT_OURS.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
              }
            });
    var response = client.send(request.build(), BodyHandlers.ofByteArray());
    response
        .headers()
        .firstValue("Content-Type")
        .ifPresent(type -> exchange.getResponseHeaders().set("Content-Type", type));
    exchange.sendResponseHeaders(
        response.statusCode(), response.body().length == 0 ? -1 : response.body().length);
    if (response.body().length > 0) {
      exchange.getResponseBody().write(response.body());
    }
  }

  private void watch(HttpExchange exchange) throws IOException, InterruptedException {
    var events = new LinkedBlockingQueue<String>();
    WebSocket socket =
        client.newWebSocketBuilder().buildAsync(address("ws", exchange), new Events(events)).join();
    try {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      out.flush();
      for (String event = events.take(); !event.equals(END); event = events.take()) {
        out.write((event + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } finally {
      socket.abort();
    }
  }

  private URI address(String scheme, HttpExchange exchange) {
    return URI.create("%s://127.0.0.1:%d%s".formatted(scheme, mockPort, exchange.getRequestURI()));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    client.shutdownNow();
  }

  private record Events(BlockingQueue<String> queue, StringBuilder parts)
      implements WebSocket.Listener {
    Events(BlockingQueue<String> queue) {
      this(queue, new StringBuilder());
    }

    @Override
    public @Nullable CompletionStage<?> onText(
        WebSocket socket, CharSequence text, boolean isLast) {
      parts.append(text);
      if (isLast) {
        queue.add(parts.toString());
        parts.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      queue.add(END);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      queue.add(END);
    }
  }
}
