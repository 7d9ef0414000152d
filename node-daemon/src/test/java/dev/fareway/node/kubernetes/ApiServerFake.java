package dev.fareway.node.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An API server that says what a test tells it to, and keeps what it was asked. */
final class ApiServerFake implements AutoCloseable {
  private static final String END = "";

  /** Requests in their order: method, path with query, content type, body. */
  final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();

  /** Lines that the watch under way is to send; an empty one ends it. */
  final BlockingQueue<String> events = new LinkedBlockingQueue<>();

  /** Answers by method and path, as {@code STATUS BODY}; else 404. */
  final Map<String, String> answers = new ConcurrentHashMap<>();

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  record Request(String method, String target, String contentType, String body, String token) {}

  ApiServerFake() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  ApiClient client() {
    return new ApiClient(new ApiAccess(address(), null, new Token.Fixed("secret")));
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The next request; fails when none comes. */
  Request next() throws InterruptedException {
    Request request = requests.poll(20, TimeUnit.SECONDS);
    if (request == null) {
      throw new AssertionError("no request came");
    }
    return request;
  }

  void endWatch() {
    events.add(END);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String target = exchange.getRequestURI().toString();
      String method = exchange.getRequestMethod();
      requests.add(
          new Request(
              method,
              target,
              String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type")),
              new String(exchange.getRequestBody().readAllBytes(), UTF_8),
              String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"))));
      String answer =
          answers.getOrDefault(
              method + " " + exchange.getRequestURI().getPath(),
              "404 {\"kind\":\"Status\",\"reason\":\"NotFound\",\"message\":\"not here\"}");
      if (target.contains("watch=true")) {
        exchange.sendResponseHeaders(200, 0);
        for (String event = events.take(); !event.equals(END); event = events.take()) {
          exchange.getResponseBody().write((event + "\n").getBytes(UTF_8));
          exchange.getResponseBody().flush();
        }
        return;
      }
      byte[] body = answer.substring(4).getBytes(UTF_8);
      exchange.sendResponseHeaders(
          Integer.parseInt(answer.substring(0, 3)), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
