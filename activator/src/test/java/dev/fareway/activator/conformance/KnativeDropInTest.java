package dev.fareway.activator.conformance;

import static dev.fareway.activator.conformance.Waiting.await;
import static dev.fareway.activator.conformance.Waiting.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.activator.autoscaler.wire.WireStatMessage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The activator's process between the parts of Knative Serving that it works with. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KnativeDropInTest {
  private static final Pattern PROFILES = Pattern.compile("Profiles at http://127.0.0.1:(\\d+)/");

  @TempDir static Path folder;

  private static Vertx vertx;
  private static HttpClient client;
  private static StandInCluster cluster;
  private static StandInAutoscaler autoscaler;
  private static ActivatorProcess activator;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(100));
    cluster = new StandInCluster(folder);
    autoscaler = new StandInAutoscaler(vertx);
    cluster.priceClass("batch", "500n", true);
    cluster.priceClass("interactive", "2u", false);
    activator =
        new ActivatorProcess(
            cluster.kubeconfig(),
            Map.of(
                "POD_NAME",
                "activator-abc",
                "POD_IP",
                "10.1.0.7",
                "SYSTEM_NAMESPACE",
                "knative-serving",
                "PROBE_FREQUENCY",
                "100ms",
                "CONFIG_LOGGING_NAME",
                "my-logging",
                "CONFIG_OBSERVABILITY_NAME",
                "my-observability"),
            "--autoscaler=127.0.0.1:" + autoscaler.port(),
            "--drain-delay=PT0.5S");
  }

  @AfterAll
  static void stop() throws Exception {
    activator.kill();
    cluster.close();
    await(vertx.close());
  }

  @Test
  @Order(1)
  void readiness_followsTheConnectionToTheAutoscaler() throws Exception {
    eventually("ready", () -> kubeletProbe() == 200);
    autoscaler.stop();
    eventually("not ready", () -> kubeletProbe() == 500);
    autoscaler.startAgain();
    eventually("ready again", () -> kubeletProbe() == 200);
    assertTrue(autoscaler.connections.get() >= 2);
  }

  @Test
  void unknownRevision_is404_andOneThatIsDeletedToo() throws Exception {
    assertEquals(404, await(get("gone", "/")).statusCode());
    cluster.revision("gone", "", "");
    eventually("it is known", () -> activator.isKnown("gone"));
    cluster.deleteRevision("gone");
    eventually("it is gone", () -> !activator.isKnown("gone"));
  }

  @Test
  void requestFromZero_wakesTheFunction_andWaitsForItsPod() throws Exception {
    cluster.revision("zero", "", "containerConcurrency: 1");
    eventually("it is known", () -> activator.isKnown("zero"));
    Future<HttpClientResponse> request = get("zero", "/");

    eventually("the autoscaler hears of it", () -> autoscaler.arrivals("zero") >= 1);
    WireStatMessage first =
        autoscaler.heard.stream().filter(each -> each.getName().equals("zero")).findFirst().get();
    assertEquals("ns", first.getNamespace());
    assertEquals("activator-abc", first.getStat().getPodName());
    assertEquals(1.0, first.getStat().getAverageConcurrentRequests());
    assertEquals(1.0, first.getStat().getRequestCount());
    assertTrue(first.getStat().getTimestamp() > 1_700_000_000L);

    // It goes on being counted while it waits.
    eventually(
        "the request that waits is reported",
        () ->
            autoscaler.heard.stream()
                .anyMatch(
                    each ->
                        each.getName().equals("zero")
                            && each.getStat().getRequestCount() == 0
                            && each.getStat().getAverageConcurrentRequests() > 0.99));
    var pod = new StandInPod(vertx, "n1");
    cluster.pods("zero", List.of(pod), List.of());

    assertEquals(200, await(request).statusCode());
    eventually(
        "an idle function is reported as zero",
        () -> {
          List<WireStatMessage> all =
              autoscaler.heard.stream().filter(each -> each.getName().equals("zero")).toList();
          return all.getLast().getStat().getAverageConcurrentRequests() == 0
              && all.getLast().getStat().getRequestCount() == 0;
        });
    assertEquals(0, autoscaler.malformed.get());
  }

  @Test
  void pod_getsRequests_onceItHasAnsweredAProbe() throws Exception {
    var pod = new StandInPod(vertx, "n1");
    pod.ready = false;
    cluster.revision("slow", "", "");
    cluster.pods("slow", List.of(), List.of(pod));
    eventually("it is known", () -> activator.isKnown("slow"));
    Future<HttpClientResponse> request = get("slow", "/");
    eventually("it waits", () -> metric("kn_revision_request_queued", "slow") == 1);
    assertEquals(0, pod.seen.get());

    pod.ready = true;

    // Kubernetes does not call it ready yet; its queue-proxy does.
    assertEquals(200, await(request).statusCode());
    assertEquals("Knative-Activator-Probe", pod.probeAgent);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "exec | containers: [{name: a}, {readinessProbe: {exec: {command: [a]}}}]",
        "startup | containers: [{startupProbe: {httpGet: {path: /}}}]"
      })
  void pod_thatTheKubeletProbes_getsRequests_onceKubernetesCallsItReady(String name, String spec)
      throws Exception {
    var pod = new StandInPod(vertx, "n1");
    var other = new StandInPod(vertx, "n1");
    cluster.revision(name, "", spec);
    cluster.pods(name, List.of(), List.of(pod));
    cluster.revision(name + "-not", "", "containers: [{readinessProbe: {httpGet: {path: /}}}]");
    cluster.pods(name + "-not", List.of(), List.of(other));
    eventually("both are known", () -> activator.isKnown(name) && activator.isKnown(name + "-not"));
    Future<HttpClientResponse> request = get(name, "/");

    // By then the first would have been asked many times.
    for (int i = 0; i < 10; i++) {
      assertEquals(200, await(get(name + "-not", "/")).statusCode());
    }
    assertEquals(0, pod.probed.get());
    assertTrue(other.probed.get() > 0);
    cluster.pods(name, List.of(pod), List.of());

    assertEquals(200, await(request).statusCode());
  }

  @Test
  void podsOutOfReach_areServedThroughTheirPrivateService() throws Exception {
    var behindService = new StandInPod(vertx, "n1");
    cluster.revision("meshed", "", "");
    cluster.service("meshed", behindService.address());
    // A pod that takes no connection: nothing listens at port 1.
    cluster.pod("meshed", "127.0.0.1", 1);
    eventually("it is known", () -> activator.isKnown("meshed"));

    assertEquals(200, await(get("meshed", "/")).statusCode());
    assertEquals(1, behindService.seen.get());
  }

  @Test
  void containerConcurrency_isSharedWithTheOtherActivators() throws Exception {
    var pod = new StandInPod(vertx, "n1");
    cluster.revision("shared", "", "containerConcurrency: 4");
    cluster.activators("shared", "10.1.0.7", "10.1.0.8");
    cluster.pods("shared", List.of(pod), List.of());
    eventually("it is known", () -> activator.isKnown("shared"));
    for (int i = 0; i < 6; i++) {
      get("shared", "/hold");
    }

    eventually("two run", () -> pod.held() == 2);
    eventually("four wait", () -> metric("kn_revision_request_queued", "shared") == 4);
    assertEquals(2, pod.mostRunning.get());
    for (int i = 0; i < 6; i++) {
      eventually("one is held", pod::release);
    }
  }

  @Test
  void timeouts_areTheRevisions() throws Exception {
    var pod = new StandInPod(vertx, "n1");
    cluster.revision("late", "", "timeoutSeconds: 1");
    cluster.pods("late", List.of(pod), List.of());
    eventually("it is known", () -> activator.isKnown("late"));

    assertEquals(504, await(get("late", "/hold")).statusCode());
  }

  @Test
  void priceClass_isTheRevisions_andTakesAnyonesWordWhereItSaysSo() throws Exception {
    var pod = new StandInPod(vertx, "n1");
    cluster.revision("open", "fareway.dev/price-class: batch, fareway.dev/accept-class: any", "");
    cluster.revision("dear", "fareway.dev/price-class: interactive", "");
    cluster.pods("open", List.of(pod), List.of());
    cluster.pods("dear", List.of(pod), List.of());
    eventually("both are known", () -> activator.isKnown("open") && activator.isKnown("dear"));

    await(get("open", "/own"));
    await(
        client
            .request(
                options("open", "/asked").putHeader("baggage", "fareway.price-class=interactive"))
            .compose(request -> request.send()));
    await(get("dear", "/dear"));

    assertTrue(baggage(pod, "/own").startsWith("fareway.price-class=batch,"));
    assertTrue(baggage(pod, "/asked").startsWith("fareway.price-class=interactive,"));
    assertTrue(baggage(pod, "/dear").startsWith("fareway.price-class=interactive,"));
  }

  @Test
  void throttledFunction_is429_andNotReportedAsConcurrency() throws Exception {
    var pod = new StandInPod(vertx, "n1");
    cluster.revision("poor", "", "containerConcurrency: 10");
    cluster.pods("poor", List.of(pod), List.of());
    eventually("it is known", () -> activator.isKnown("poor"));
    cluster.budget("poor", "serving.knative.dev/service: poor", "Throttle");
    Future<HttpClientResponse> running = get("poor", "/hold");
    eventually("one runs", () -> pod.held() == 1);

    eventually("more is too much", () -> await(get("poor", "/")).statusCode() == 429);
    for (int i = 0; i < 20; i++) {
      HttpClientResponse answer = await(get("poor", "/"));
      assertEquals(429, answer.statusCode());
      assertEquals("1", answer.getHeader("Retry-After"));
    }
    int heard = autoscaler.heard.size();
    eventually(
        "only what runs is reported",
        () ->
            autoscaler.heard.stream()
                .skip(heard)
                .anyMatch(
                    each ->
                        each.getName().equals("poor")
                            && each.getStat().getRequestCount() == 0
                            && each.getStat().getAverageConcurrentRequests() > 0.9
                            && each.getStat().getAverageConcurrentRequests() <= 1));

    cluster.budget("poor", "serving.knative.dev/service: poor", "None");
    eventually("all may come again", () -> await(get("poor", "/")).statusCode() == 200);
    assertTrue(pod.release());
    assertEquals(200, await(running).statusCode());
  }

  @Test
  void metrics_areWhatKnativesDashboardsRead() throws Exception {
    var pod = new StandInPod(vertx, "n1");
    cluster.revision("seen", "", "containerConcurrency: 1");
    cluster.pods("seen", List.of(pod), List.of());
    eventually("it is known", () -> activator.isKnown("seen"));
    get("seen", "/hold");
    eventually("one runs", () -> pod.held() == 1);
    get("seen", "/hold");

    eventually("one is queued", () -> metric("kn_revision_request_queued", "seen") == 1);
    assertEquals(1, metric("kn_revision_request_active", "seen"));
    assertEquals(2, metric("kn_revision_request_concurrency", "seen"));
    assertTrue(activator.metrics().contains("kn_activator_stats_conn_reachable 1"));
    for (int i = 0; i < 2; i++) {
      eventually("one is held", pod::release);
    }
  }

  @Test
  void logLevel_andItsForm_areConfigLoggings() throws Exception {
    cluster.config("my-logging", "loglevel.activator", "debug");
    eventually("it is said", () -> activator.said().contains("logs from DEBUG on, as text"));
    // A pod that takes no connection: nothing listens at port 1.
    cluster.revision("deaf", "", "");
    cluster.pod("deaf", "127.0.0.1", 1);
    eventually("a detail", () -> activator.said().contains("ns/deaf: its pod at 127.0.0.1:1 "));

    cluster.config("my-logging", "loglevel.activator", "loud");
    eventually(
        "what is malformed is said",
        () -> activator.said().contains("loglevel.activator: loud; write debug, info"));
    cluster.config("my-logging", "zap-logger-config", "{\"level\":\"info\",\"encoding\":\"json\"}");
    eventually("it is said", () -> activator.said().contains("logs from INFO on, as JSON"));
    cluster.config("my-observability", "tracing-protocol", "grpc");
    eventually(
        "lines are JSON",
        () ->
            activator
                .said()
                .lines()
                .anyMatch(
                    line ->
                        line.startsWith("{\"timestamp\":")
                            && line.contains("not followed: tracing-protocol: grpc")));
    cluster.config("my-logging", "loglevel.activator", "info");
    eventually("it is said", () -> activator.said().contains("logs from INFO on, as text"));
  }

  @Test
  @Order(3)
  void profiles_areThere_whileConfigObservabilityEnablesThem() throws Exception {
    cluster.config("my-observability", "runtime-profiling", "enabled");
    eventually("it is open", () -> profilePort() > 0);
    int port = profilePort();

    assertEquals(404, await(profile(port, "/debug/pprof/heap")).statusCode());
    HttpClientResponse threads = await(profile(port, "/debug/pprof/threads"));
    assertTrue(await(threads.body()).toString().contains("vert.x-eventloop-thread"));
    assertEquals(400, await(profile(port, "/debug/pprof/profile?seconds=61")).statusCode());
    assertEquals(400, await(profile(port, "/debug/pprof/profile?seconds=x")).statusCode());
    Future<HttpClientResponse> recorded = profile(port, "/debug/pprof/profile?seconds=2");
    eventually("it records", () -> activator.said().contains("Records a profile for 2 s"));
    assertEquals(429, await(profile(port, "/debug/pprof/profile")).statusCode());
    HttpClientResponse recording = await(recorded);
    assertEquals(200, recording.statusCode());
    assertEquals("FLR\0", await(recording.body()).getString(0, 4));

    cluster.config("my-observability", "runtime-profiling", "perhaps");
    eventually("it is said", () -> activator.said().contains("runtime-profiling: perhaps"));
    assertEquals(200, await(profile(port, "/debug/pprof/")).statusCode());
    cluster.config("my-observability", "runtime-profiling", "disabled");
    eventually("it is closed", () -> await(profile(port, "/").otherwiseEmpty()) == null);
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void sigterm_failsReadiness_servesOn_andEndsWhenAllIsDone() throws Exception {
    var pod = new StandInPod(vertx, "n1");
    cluster.revision("last", "", "containerConcurrency: 1");
    cluster.pods("last", List.of(pod), List.of());
    eventually("it is known", () -> activator.isKnown("last"));
    Future<HttpClientResponse> running = get("last", "/hold");
    eventually("one runs", () -> pod.held() == 1);
    Future<HttpClientResponse> waiting = get("last", "/hold");
    eventually("one waits", () -> metric("kn_revision_request_queued", "last") == 1);

    activator.terminate();
    eventually("not ready", () -> kubeletProbe() == 500);
    assertTrue(pod.release());
    assertEquals(200, await(running).statusCode());
    eventually("the other one is held", pod::release);
    assertEquals(200, await(waiting).statusCode());

    eventually("it has ended", () -> !activator.isAlive());
  }

  /** Where profiles are, as its log says; 0: nowhere yet. */
  private static int profilePort() {
    Matcher said = PROFILES.matcher(activator.said());
    return said.find() ? Integer.parseInt(said.group(1)) : 0;
  }

  private static Future<HttpClientResponse> profile(int port, String uri) {
    return client
        .request(HttpMethod.GET, port, "127.0.0.1", uri)
        // Within: what comes before anyone listens is lost.
        .compose(request -> request.send().compose(response -> response.body().map(response)));
  }

  private static int kubeletProbe() throws Exception {
    return await(
            client
                .request(options("x", "/").putHeader("User-Agent", "kube-probe/1.34"))
                .compose(request -> request.send()))
        .statusCode();
  }

  private static String baggage(StandInPod pod, String path) {
    return pod.headersByPath.get(path).get("baggage");
  }

  private static int metric(String name, String revision) throws Exception {
    return activator
        .metrics()
        .lines()
        .filter(
            line ->
                line.startsWith(name + "{")
                    && line.contains("kn_revision_name=\"" + revision + "\""))
        .mapToInt(line -> Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElse(-1);
  }

  private static Future<HttpClientResponse> get(String revision, String uri) throws Exception {
    return client
        .request(options(revision, uri))
        .compose(request -> request.send().compose(response -> response.body().map(response)));
  }

  private static RequestOptions options(String revision, String uri) throws Exception {
    return new RequestOptions()
        .setMethod(HttpMethod.GET)
        .setHost("127.0.0.1")
        .setPort(activator.httpPort())
        .setURI(uri)
        .putHeader("Knative-Serving-Namespace", "ns")
        .putHeader("Knative-Serving-Revision", revision);
  }
}
