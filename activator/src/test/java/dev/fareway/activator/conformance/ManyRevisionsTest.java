package dev.fareway.activator.conformance;

import static dev.fareway.activator.conformance.Waiting.await;
import static dev.fareway.activator.conformance.Waiting.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The activator's process, with little memory, in a cluster of very many revisions. */
@Tag("long")
class ManyRevisionsTest {
  private static final int REVISIONS = 100_000;

  /** As the activator is meant to be started. */
  private static final String HEAP = "-Xmx256m";

  /** A revision as Knative writes it, with what nobody needs to keep. */
  private static final String TEMPLATE =
      """
    {"apiVersion":"serving.knative.dev/v1","kind":"Revision","metadata":{"name":"revision-#NUMBER","namespace":"ns","uid":"3f2b8c1e-0000-4000-8000-#PADDED","resourceVersion":"1","generation":1,"labels":{"serving.knative.dev/service":"service-#NUMBER","serving.knative.dev/configuration":"service-#NUMBER","serving.knative.dev/configurationGeneration":"1","serving.knative.dev/serviceUID":"aaaaaaaa-0000-4000-8000-#PADDED","serving.knative.dev/configurationUID":"bbbbbbbb-0000-4000-8000-#PADDED","serving.knative.dev/routingState":"active"},"annotations":{"fareway.dev/price-class":"batch","autoscaling.knative.dev/target-burst-capacity":"-1","serving.knative.dev/creator":"system:serviceaccount:shop:deployer","serving.knative.dev/routes":"service-#NUMBER","serving.knative.dev/routingStateModified":"2026-11-01T00:00:00Z"},"managedFields":[{"manager":"controller","operation":"Update","apiVersion":"serving.knative.dev/v1","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{},"f:annotations":{}},"f:spec":{"f:containers":{}}}}]},"spec":{"containerConcurrency":0,"timeoutSeconds":300,"enableServiceLinks":false,"containers":[{"name":"user-container","image":"registry.example/shop/service-#NUMBER@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","env":[{"name":"A","value":"a"},{"name":"B","value":"b"}],"readinessProbe":{"successThreshold":1,"tcpSocket":{"port":0}},"resources":{"requests":{"cpu":"100m","memory":"128Mi"}}}]},"status":{"observedGeneration":1,"desiredReplicas":0,"actualReplicas":0,"conditions":[{"type":"Active","status":"False","reason":"NoTraffic","severity":"Info"},{"type":"ContainerHealthy","status":"True"},{"type":"Ready","status":"True"},{"type":"ResourcesAvailable","status":"True"}]}}""";

  /** Listing takes some 20 seconds of CPU time on both sides together; the machine may be busy. */
  private static final int LISTED_WITHIN_SECONDS = 300;

  private static final int PADDING = 12;

  @TempDir Path folder;

  private final AtomicReference<HttpServerResponse> watch = new AtomicReference<>();

  @Test
  void activator_watches100000Revisions_inABoundedHeap() throws Exception {
    Vertx vertx = Vertx.vertx();
    HttpServer api =
        await(vertx.createHttpServer().requestHandler(this::serve).listen(0, "127.0.0.1"));
    Path kubeconfig =
        Files.writeString(
            folder.resolve("kubeconfig"),
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: "http://127.0.0.1:%d/"}}]
            users: [{name: u, user: {}}]
            contexts: [{name: c, context: {cluster: c, user: u, namespace: default}}]
            current-context: c
            """
                .formatted(api.actualPort()));
    var autoscaler = new StandInAutoscaler(vertx);
    var activator =
        new ActivatorProcess(
            kubeconfig.toString(),
            Map.of("POD_NAME", "activator-a", "POD_IP", "10.1.0.7"),
            List.of(),
            List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", HEAP),
            "--autoscaler=127.0.0.1:" + autoscaler.port());
    try {
      HttpClient client = vertx.createHttpClient();
      long start = System.nanoTime();
      activator.awaitListening(LISTED_WITHIN_SECONDS);
      double listed = (System.nanoTime() - start) / 1e9;
      int metrics = activator.metricsPort();
      assertEquals(200, known(client, metrics, 0));
      assertEquals(200, known(client, metrics, REVISIONS - 1));
      assertEquals(404, known(client, metrics, REVISIONS));

      eventually("the watch is open", () -> watch.get() != null);
      watch.get().write("{\"type\":\"ADDED\",\"object\":" + revision(REVISIONS) + "}\n");

      eventually("a new one is known", () -> known(client, metrics, REVISIONS) == 200);
      System.out.println(
          "100,000 revisions, heap bound %s: listed in %.1f s, resident %s KiB"
              .formatted(HEAP, listed, resident(activator)));
    } finally {
      activator.kill();
      await(vertx.close());
    }
  }

  private static int known(HttpClient client, int port, int number) throws Exception {
    return await(
            client
                .request(HttpMethod.GET, port, "127.0.0.1", "/functions/ns/revision-" + number)
                .compose(request -> request.send()))
        .statusCode();
  }

  private static String resident(ActivatorProcess activator) throws Exception {
    Path status = Path.of("/proc/" + activator.process().pid() + "/status");
    if (!Files.exists(status)) {
      return "unknown";
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("RssAnon:"))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .findFirst()
        .orElse("unknown");
  }

  /** As much of an API server as the activator asks: lists in pages, and watches. */
  private void serve(HttpServerRequest request) {
    boolean isRevisions = request.path().endsWith("/revisions");
    HttpServerResponse response =
        request.response().putHeader("Content-Type", "application/json").setChunked(true);
    if (request.getHeader("Upgrade") != null) {
      // No WebSocket here: the client then watches by a GET that goes on.
      response.end();
      return;
    }
    if ("true".equals(request.getParam("watch"))) {
      response.write("");
      if (isRevisions) {
        watch.set(response);
      }
      return;
    }
    int from =
        request.getParam("continue") == null ? 0 : Integer.parseInt(request.getParam("continue"));
    int limit = request.getParam("limit") == null ? 0 : Integer.parseInt(request.getParam("limit"));
    int to = isRevisions ? Math.min(REVISIONS, from + limit) : 0;
    var page = new StringBuilder(1 << 20);
    page.append(
            "{\"apiVersion\":\"serving.knative.dev/v1\",\"kind\":\"RevisionList\",\"metadata\":{\"resourceVersion\":\"1\",\"continue\":\"")
        .append(to < REVISIONS && isRevisions ? Integer.toString(to) : "")
        .append("\"},\"items\":[");
    for (int i = from; i < to; i++) {
      page.append(i == from ? "" : ",").append(revision(i));
    }
    response.end(page.append("]}").toString());
  }

  private static String revision(int number) {
    String digits = Integer.toString(number);
    return TEMPLATE
        .replace("#PADDED", "0".repeat(PADDING - digits.length()) + digits)
        .replace("#NUMBER", digits);
  }
}
