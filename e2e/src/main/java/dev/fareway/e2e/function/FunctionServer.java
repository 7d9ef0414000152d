package dev.fareway.e2e.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A function as a container runs it: an HTTP server that burns as much CPU time as each request
 * asks for.
 *
 * <p>{@code GET /?cpu-micros=N} burns N microseconds of CPU time on the thread that serves the
 * request and answers with what it did; {@code GET /healthz} answers at once. It is told where to
 * listen as Knative tells it: {@code PORT} and {@code K_SERVICE}; {@code FUNCTION_HOST} (loopback
 * unless told) and {@code FUNCTION_WORKERS} (how many requests it serves at a time) are its own.
 * With {@code FUNCTION_CALLS}, a URL, each request calls that before it answers, by the host in
 * {@code FUNCTION_CALLS_HOST}, and hands the request's {@code baggage} on as a tracing library
 * does.
 */
public final class FunctionServer {
  /** The most CPU time that one request may ask for, in microseconds. */
  static final long MAX_CPU_MICROS = 10_000_000;

  private static final int DEFAULT_WORKERS = 8;
  private static final int BACKLOG = 4096;

  private final String name;
  private final HttpServer server;
  private final ThreadPoolExecutor workers;
  private final CpuBurner burner = new CpuBurner();
  private final Optional<FunctionCall> next;

  private FunctionServer(
      String name, HttpServer server, ThreadPoolExecutor workers, Optional<FunctionCall> next) {
    this.next = next;
    this.name = name;
    this.server = server;
    this.workers = workers;
  }

  /** Starts the server that the environment describes; ends with 1 when it can't. */
  public static void main(String[] args) {
    Map<String, String> environment = System.getenv();
    try {
      FunctionServer server =
          start(
              environment.getOrDefault("K_SERVICE", "function"),
              new InetSocketAddress(
                  InetAddress.ofLiteral(environment.getOrDefault("FUNCTION_HOST", "127.0.0.1")),
                  number(environment, "PORT", 8080, 0, 65535)),
              number(environment, "FUNCTION_WORKERS", DEFAULT_WORKERS, 1, 1024),
              FunctionCall.of(environment));
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(server::stop));
    } catch (BindException e) {
      fail("port " + environment.get("PORT") + " is in use or not ours to take: " + e.getMessage());
    } catch (IOException | IllegalArgumentException e) {
      fail(Objects.requireNonNullElse(e.getMessage(), e.toString()));
    }
  }

  /**
   * Starts a function.
   *
   * @param name the function's name, for threads and answers
   * @param address where to listen; port 0 takes a free one
   * @param workers how many requests are served at a time
   */
  static FunctionServer start(String name, InetSocketAddress address, int workers)
      throws IOException {
    return start(name, address, workers, Optional.empty());
  }

  private static FunctionServer start(
      String name, InetSocketAddress address, int workers, Optional<FunctionCall> next)
      throws IOException {
    // Read once, when the server's classes load. Without no-delay the body of an answer waits 40 ms
    // for the acknowledgement of its head; the load generator keeps idle connections as it sees
    // fit.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("sun.net.httpserver.maxIdleConnections", "100000");
    System.setProperty("sun.net.httpserver.idleInterval", "86400");
    HttpServer http = HttpServer.create(address, BACKLOG);
    AtomicInteger count = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            workers,
            workers,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> new Thread(task, name + "-worker-" + count.incrementAndGet()));
    // All threads exist from the start: none is born in the middle of a measurement.
    pool.prestartAllCoreThreads();
    FunctionServer function = new FunctionServer(name, http, pool, next);
    http.createContext("/", function::serve);
    http.createContext("/healthz", exchange -> answer(exchange, 200, "{\"status\":\"ok\"}"));
    http.setExecutor(pool);
    http.start();
    return function;
  }

  /** Where it listens. */
  InetSocketAddress address() {
    return server.getAddress();
  }

  /** Stops listening and lets go of the threads. */
  void stop() {
    server.stop(0);
    workers.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    long micros;
    try {
      micros = cpuMicros(exchange.getRequestURI().getQuery());
    } catch (IllegalArgumentException e) {
      answer(exchange, 400, "{\"error\":\"" + e.getMessage() + "\"}");
      return;
    }
    int called = 200;
    if (next.isPresent()) {
      called = next.get().call(exchange.getRequestHeaders().getFirst("baggage"));
    }
    if (called != 200) {
      answer(
          exchange,
          502,
          "{\"error\":\"the function that it calls answered %d\"}".formatted(called));
      return;
    }
    CpuBurner.Burnt burnt = burner.burn(TimeUnit.MICROSECONDS.toNanos(micros));
    answer(
        exchange,
        200,
        String.format(
            Locale.ROOT,
            "{\"function\":\"%s\",\"cpuMicros\":%d,\"burntMicros\":%d,\"hash\":\"%016x\"}",
            name,
            micros,
            TimeUnit.NANOSECONDS.toMicros(burnt.nanos()),
            burnt.hash()));
  }

  /**
   * The CPU time that a request's query asks for.
   *
   * @throws IllegalArgumentException in words without quotation marks when it asks for none or too
   *     much
   */
  static long cpuMicros(@org.jspecify.annotations.Nullable String query) {
    String key = "cpu-micros=";
    if (query == null || !query.startsWith(key)) {
      throw new IllegalArgumentException("ask for CPU time by ?cpu-micros=N");
    }
    long micros;
    try {
      micros = Long.parseLong(query, key.length(), query.length(), 10);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("cpu-micros is not a whole number", e);
    }
    if (micros < 0 || micros > MAX_CPU_MICROS) {
      throw new IllegalArgumentException("cpu-micros is not between 0 and " + MAX_CPU_MICROS);
    }
    return micros;
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static int number(
      Map<String, String> environment, String key, int otherwise, int min, int max) {
    String value = environment.get(key);
    if (value == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below with what is allowed.
    }
    throw new IllegalArgumentException(
        "%s is '%s', not a whole number from %d to %d".formatted(key, value, min, max));
  }

  private static void fail(String message) {
    System.err.println("function: " + message);
    System.exit(1);
  }
}
