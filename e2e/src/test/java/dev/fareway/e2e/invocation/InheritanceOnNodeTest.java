package dev.fareway.e2e.invocation;

import static dev.fareway.e2e.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fareway.e2e.cluster.ApiServerKind;
import dev.fareway.e2e.cluster.LocalClusterOptions;
import dev.fareway.e2e.cluster.ServiceEndpoints;
import dev.fareway.e2e.demo.ThreadPolicies;
import dev.fareway.e2e.load.RealtimePriority;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Activator, operator, node daemon and functions as processes: who calls dear runs dear. The cheap
 * functions wait at a gate, so that nothing depends on how long something takes.
 */
@Timeout(240)
class InheritanceOnNodeTest {
  private static final List<String> PACKAGES =
      List.of(
          "operator/target/quarkus-app/quarkus-run.jar",
          "node-daemon/target/app/fareway-node-daemon.jar",
          "activator/target/app/fareway-activator.jar");

  @TempDir static Path folder;
  private static InvocationCluster cluster;
  private static HttpClient client;
  private static URI activator;
  private static HttpServer gate;

  /** Who waits at the gate. */
  private static final BlockingQueue<HttpExchange> WAITING = new LinkedBlockingQueue<>();

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(
        RealtimePriority.probe().isEmpty(),
        () -> "needs the right to set real-time priorities: " + RealtimePriority.probe());
    LocalClusterOptions options = LocalClusterOptions.in(folder).withApiServer(ApiServerKind.MOCK);
    for (String part : PACKAGES) {
      assumeTrue(
          Files.exists(options.home().resolve(part)),
          () -> "needs the package %s: ./fareway build".formatted(part));
    }
    gate = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    gate.createContext("/", WAITING::add);
    gate.start();
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    cluster = InvocationCluster.start(options);
    cluster.priceClass("interactive", "2u");
    cluster.priceClass("batch", "0.5u");
    activator = cluster.startActivator(true);
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
      client.close();
      gate.stop(0);
    }
  }

  @Test
  void chain_runsTheCheapFunctionInTheDearClass_andOnlyWhileItLasts() throws Exception {
    Pod back = cluster.function("back", "batch", Map.of(), throughTheGate());
    Pod front =
        cluster.function(
            "front",
            "interactive",
            Map.of(),
            Map.of(
                "FUNCTION_CALLS",
                activator + "/?cpu-micros=50000",
                "FUNCTION_CALLS_HOST",
                ServiceEndpoints.hostOf("back")));
    eventually("the cheap one runs cheap", () -> isCheap(back));
    eventually("the dear one runs dear", () -> isDear(front));

    CompletableFuture<HttpResponse<String>> answer = call("front", "?cpu-micros=1000", "");

    eventually("the cheap one runs dear", () -> isDear(back));
    openTheGate();
    HttpResponse<String> answered = answer.get(60, TimeUnit.SECONDS);
    assertEquals(200, answered.statusCode(), answered.body());
    eventually("it runs cheap again", () -> isCheap(back));
    eventually("the dear one still runs dear", () -> isDear(front));
    // And it is charged so: by the class that it ran in.
    eventually(
        "the node charges it as interactive",
        () ->
            daemonMetrics()
                .contains(
                    "fareway_function_cpu_seconds_total{namespace=\"default\",function=\"back\",price_class=\"interactive\"}"));
  }

  @Test
  void callFromOutside_cannotRaiseAFunctionThatTrustsNoOne() throws Exception {
    Pod careful = cluster.function("careful", "batch", Map.of(), throughTheGate());
    eventually("it runs cheap", () -> isCheap(careful));

    CompletableFuture<HttpResponse<String>> answer =
        call("careful", "?cpu-micros=1", "fareway.price-class=interactive");

    eventually("it is at the gate", () -> !WAITING.isEmpty());
    assertTrue(isCheap(careful));
    assertTrue(activatorMetrics().contains("fareway_activator_raised_pods 0\n"));
    openTheGate();
    assertEquals(200, answer.get(60, TimeUnit.SECONDS).statusCode());
  }

  @Test
  void activatorThatIsKilled_leavesNoPodRaised() throws Exception {
    Pod open =
        cluster.function(
            "open", "batch", Map.of("fareway.dev/accept-class", "any"), throughTheGate());
    eventually("it runs cheap", () -> isCheap(open));
    CompletableFuture<HttpResponse<String>> answer =
        call("open", "?cpu-micros=1", "fareway.price-class=interactive");
    eventually("it runs dear", () -> isDear(open));

    ProcessHandle process = cluster.cluster().activatorProcess().orElseThrow();
    process.destroyForcibly();

    eventually("it runs cheap again", () -> isCheap(open));
    assertTrue(answer.handle((_, failure) -> failure != null).get(60, TimeUnit.SECONDS));
    openTheGate();
    cluster.cluster().stopActivator();
    activator = cluster.startActivator(true);
  }

  private static Map<String, String> throughTheGate() {
    return Map.of("FUNCTION_CALLS", "http://127.0.0.1:%d/".formatted(gate.getAddress().getPort()));
  }

  /** Lets the next one through. */
  private static void openTheGate() throws IOException, InterruptedException {
    HttpExchange next = WAITING.poll(60, TimeUnit.SECONDS);
    if (next == null) {
      throw new IOException("no one came to the gate");
    }
    next.sendResponseHeaders(200, -1);
    next.close();
  }

  private static boolean isDear(Pod pod) throws IOException {
    ThreadPolicies.Counts counts = cluster.threads(pod);
    return counts.realTime() > 0 && counts.other() == 0;
  }

  private static boolean isCheap(Pod pod) throws IOException {
    ThreadPolicies.Counts counts = cluster.threads(pod);
    return counts.realTime() == 0 && counts.other() > 0;
  }

  private static CompletableFuture<HttpResponse<String>> call(
      String function, String query, String baggage) {
    var request =
        HttpRequest.newBuilder(activator.resolve("/" + query))
            .timeout(Duration.ofSeconds(60))
            .header("Host", ServiceEndpoints.hostOf(function));
    if (!baggage.isEmpty()) {
      request.header("baggage", baggage);
    }
    return client.sendAsync(request.build(), BodyHandlers.ofString());
  }

  private static String daemonMetrics() throws IOException {
    return metrics(cluster.cluster().nodeDaemonAddress().orElseThrow());
  }

  private static String activatorMetrics() throws IOException {
    return metrics(cluster.cluster().activatorMetrics().orElseThrow());
  }

  private static String metrics(URI of) throws IOException {
    try (var in = of.resolve("/metrics").toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
