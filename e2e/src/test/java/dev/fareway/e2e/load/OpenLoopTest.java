package dev.fareway.e2e.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OpenLoopTest {
  private static final long PATIENCE_MILLIS = 30_000;

  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final List<HttpServer> servers = new ArrayList<>();

  @AfterEach
  void stop() {
    servers.forEach(server -> server.stop(0));
    workers.shutdownNow();
  }

  private URI server(com.sun.net.httpserver.HttpHandler handler) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.setExecutor(workers);
    server.createContext("/", handler);
    server.start();
    servers.add(server);
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private static List<Sample> run(List<Arrival> arrivals, long patienceMillis, URI... targets)
      throws IOException, InterruptedException {
    LoadPlan plan =
        new LoadPlan(
            1,
            List.of(new Phase("only", 1_000)),
            List.of(new Stream("a", List.of(targets), new RunTimes(2, 1, 2), List.of(1.0))),
            patienceMillis);
    Recorder recorder = new Recorder(arrivals);
    try (OpenLoop loop = new OpenLoop(plan)) {
      loop.run(arrivals, recorder, patienceMillis);
    }
    return recorder.samples();
  }

  private static List<Arrival> arrivals(int count, long gapMillis) {
    List<Arrival> arrivals = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      arrivals.add(new Arrival(0, TimeUnit.MILLISECONDS.toNanos(i * gapMillis), 100 + i));
    }
    return arrivals;
  }

  @Test
  void requests_goOutWhileEarlierOnesAreUnanswered() throws Exception {
    // Given a server that answers nothing until the last request is there
    int count = 40;
    CountDownLatch arrived = new CountDownLatch(count);
    URI uri =
        server(
            exchange -> {
              arrived.countDown();
              try {
                arrived.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              exchange.sendResponseHeaders(200, 2);
              exchange.getResponseBody().write(new byte[2]);
              exchange.close();
            });

    List<Sample> samples = run(arrivals(count, 5), PATIENCE_MILLIS, uri);

    // Then all are answered, after the last was sent, and the first one's latency says so
    assertTrue(samples.stream().allMatch(Sample::succeeded), samples::toString);
    assertTrue(
        samples.getFirst().latencyNanos() >= TimeUnit.MILLISECONDS.toNanos((count - 1) * 5L));
    for (Sample sample : samples) {
      assertTrue(sample.sentNanos() >= sample.intendedNanos());
      assertTrue(sample.doneNanos() >= samples.getLast().sentNanos());
    }
  }

  @Test
  void requests_askForTheirCpuTime_onKeptConnections() throws Exception {
    List<String> queries = java.util.Collections.synchronizedList(new ArrayList<>());
    java.util.Set<InetSocketAddress> clients = java.util.concurrent.ConcurrentHashMap.newKeySet();
    URI uri =
        server(
            exchange -> {
              queries.add(exchange.getRequestURI().getQuery());
              clients.add(exchange.getRemoteAddress());
              exchange.sendResponseHeaders(200, 2);
              exchange.getResponseBody().write(new byte[2]);
              exchange.close();
            });

    run(arrivals(30, 20), PATIENCE_MILLIS, uri);

    assertEquals(30, queries.size());
    assertTrue(queries.contains("cpu-micros=100"));
    assertTrue(queries.contains("cpu-micros=129"));
    assertTrue(clients.size() < 30, () -> "no connection was used twice: " + clients);
  }

  @Test
  void instances_withTheFewestUnanswered_getTheNext() throws Exception {
    AtomicInteger toSlow = new AtomicInteger();
    AtomicInteger toQuick = new AtomicInteger();
    CountDownLatch release = new CountDownLatch(1);
    URI slow =
        server(
            exchange -> {
              toSlow.incrementAndGet();
              try {
                release.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              exchange.sendResponseHeaders(200, -1);
              exchange.close();
            });
    URI quick =
        server(
            exchange -> {
              if (toQuick.incrementAndGet() == 4) {
                release.countDown();
              }
              exchange.getResponseHeaders().set("Content-Length", "0");
              exchange.sendResponseHeaders(200, -1);
              exchange.close();
            });

    run(arrivals(5, 50), 2_000, slow, quick);

    assertEquals(1, toSlow.get());
    assertEquals(4, toQuick.get());
  }

  @Test
  void failures_areToldApart() throws Exception {
    URI refusing =
        server(
            exchange -> {
              exchange.getResponseHeaders().set("Content-Length", "0");
              exchange.sendResponseHeaders(503, -1);
              exchange.close();
            });
    URI closing = server(exchange -> exchange.getHttpContext().getServer().stop(0));
    URI nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    assertEquals(503, run(arrivals(1, 1), PATIENCE_MILLIS, refusing).getFirst().status());
    assertEquals(Sample.BROKEN, run(arrivals(1, 1), PATIENCE_MILLIS, closing).getFirst().status());
    assertEquals(Sample.BROKEN, run(arrivals(1, 1), PATIENCE_MILLIS, nobody).getFirst().status());
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      URI uri = URI.create("http://127.0.0.1:" + silent.getLocalPort());
      assertEquals(Sample.UNANSWERED, run(arrivals(1, 1), 200, uri).getFirst().status());
    }
  }
}
