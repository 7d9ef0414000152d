package dev.fareway.e2e.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullUnmarked;

/**
 * A door to an API server where what may go wrong does, by a seed: bindings are answered 429 or
 * 500, slowly, or after the fact; watches end without a word or with 410; anything is refused now
 * and then. Without faults it passes everything on as it is.
 */
@NullUnmarked
final class FaultyDoor implements AutoCloseable {
  private static final Set<String> NOT_OURS =
      Set.of("connection", "content-length", "host", "upgrade", "http2-settings");
  private static final String EXPIRED =
      """
      {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version: made up","reason":"Expired","code":410}""";

  private final URI target;
  private final Random random;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final HttpClient client;
  private final Map<String, AtomicInteger> faults = new ConcurrentHashMap<>();
  private volatile boolean faulty;

  FaultyDoor(Config config, long seed) throws Exception {
    target = URI.create(config.getMasterUrl());
    random = new Random(seed);
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(SSLUtils.sslContext(config))
            .executor(threads)
            .build();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.createContext("/", this::serve);
    server.setExecutor(threads);
    server.start();
  }

  /** How often each fault was made. */
  Map<String, Integer> faults() {
    var counts = new TreeMap<String, Integer>();
    faults.forEach((name, count) -> counts.put(name, count.get()));
    return counts;
  }

  void faulty(boolean now) {
    faulty = now;
  }

  /** For a process that is to go through this door. */
  Path kubeconfig(Path folder) throws IOException {
    Path file = folder.resolve("door-%d.yaml".formatted(server.getAddress().getPort()));
    Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: door, cluster: {server: "http://127.0.0.1:%d"}}]
        users: [{name: door, user: {}}]
        contexts: [{name: door, context: {cluster: door, user: door, namespace: default}}]
        current-context: door
        """
            .formatted(server.getAddress().getPort()));
    return file;
  }

  private int chance() {
    synchronized (random) {
      return faulty ? random.nextInt(100) : 100;
    }
  }

  private long upTo(long millis) {
    synchronized (random) {
      return random.nextLong(millis);
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String query = exchange.getRequestURI().getRawQuery();
      if (query != null && query.contains("watch=true")) {
        watch(exchange);
      } else if (path.endsWith("/binding")) {
        bind(exchange);
      } else if (chance() < 3) {
        refuse(exchange, 500, "some request answered 500");
      } else {
        answer(exchange, send(exchange, BodyHandlers.ofByteArray()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void bind(HttpExchange exchange) throws IOException, InterruptedException {
    int chance = chance();
    if (chance < 15) {
      exchange.getResponseHeaders().set("Retry-After", "1");
      refuse(exchange, 429, "binding answered 429");
    } else if (chance < 30) {
      refuse(exchange, 500, "binding answered 500");
    } else if (chance < 40) {
      var _ = send(exchange, BodyHandlers.ofByteArray());
      refuse(exchange, 500, "answer to a binding lost");
    } else {
      if (chance < 60) {
        count("binding answered slowly");
        TimeUnit.MILLISECONDS.sleep(upTo(3_000));
      }
      answer(exchange, send(exchange, BodyHandlers.ofByteArray()));
    }
  }

  /** Watches that begin while there are faults end after some seconds. */
  private void watch(HttpExchange exchange) throws IOException, InterruptedException {
    if ("websocket".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Upgrade"))) {
      // Who is answered so asks again without.
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    boolean ends = faulty;
    if (chance() < 10) {
      count("watch refused with 410");
      write(exchange, 410, EXPIRED.getBytes(UTF_8));
      return;
    }
    HttpResponse<InputStream> response = send(exchange, BodyHandlers.ofInputStream());
    try (InputStream events = response.body()) {
      var cut =
          ends
              ? timer.schedule(() -> close(events), 500 + upTo(4_000), TimeUnit.MILLISECONDS)
              : timer.schedule(() -> {}, 0, TimeUnit.MILLISECONDS);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(response.statusCode(), 0);
      OutputStream out = exchange.getResponseBody();
      out.flush();
      var buffer = new byte[16 << 10];
      try {
        for (int read = events.read(buffer); read >= 0; read = events.read(buffer)) {
          out.write(buffer, 0, read);
          out.flush();
        }
      } catch (IOException e) {
        // Cut by us, perhaps in the middle of an event; or the client has gone.
        if (chance() < 50) {
          count("watch ended with 410");
          out.write(("\n{\"type\":\"ERROR\",\"object\":" + EXPIRED + "}\n").getBytes(UTF_8));
          out.flush();
        } else {
          count("watch cut");
        }
      } finally {
        cut.cancel(false);
      }
    }
  }

  private static void close(InputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private <T> HttpResponse<T> send(HttpExchange exchange, HttpResponse.BodyHandler<T> as)
      throws IOException, InterruptedException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    var request =
        HttpRequest.newBuilder(target.resolve(exchange.getRequestURI().toString()))
            .method(
                exchange.getRequestMethod(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (!NOT_OURS.contains(name.toLowerCase(Locale.ROOT))
                  && !name.toLowerCase(Locale.ROOT).startsWith("sec-websocket")) {
                values.forEach(value -> request.header(name, value));
              }
            });
    return client.send(request.build(), as);
  }

  private static void answer(HttpExchange exchange, HttpResponse<byte[]> response)
      throws IOException {
    // A long list comes compressed to who accepts that.
    for (String header : List.of("Content-Type", "Content-Encoding")) {
      response
          .headers()
          .firstValue(header)
          .ifPresent(value -> exchange.getResponseHeaders().set(header, value));
    }
    write(exchange, response.statusCode(), response.body());
  }

  private void refuse(HttpExchange exchange, int code, String fault) throws IOException {
    count(fault);
    var _ = exchange.getRequestBody().readAllBytes();
    write(
        exchange,
        code,
        """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"made to fail","code":%d}"""
            .formatted(code)
            .getBytes(UTF_8));
  }

  private static void write(HttpExchange exchange, int code, byte[] body) throws IOException {
    exchange.getResponseHeaders().putIfAbsent("Content-Type", List.of("application/json"));
    exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  private void count(String fault) {
    faults.computeIfAbsent(fault, _ -> new AtomicInteger()).incrementAndGet();
  }

  @Override
  public void close() {
    server.stop(0);
    timer.shutdownNow();
    threads.shutdownNow();
    client.shutdownNow();
  }
}
