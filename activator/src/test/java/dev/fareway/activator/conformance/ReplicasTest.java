package dev.fareway.activator.conformance;

import static dev.fareway.activator.conformance.Waiting.await;
import static dev.fareway.activator.conformance.Waiting.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two activators' processes in front of one function. */
class ReplicasTest {
  private static final int WAITING = 1_000;

  @TempDir Path folder;

  @Test
  void replicaThatIsKilled_whileRequestsWait_takesNoneOfTheOthersWithIt() throws Exception {
    Vertx vertx = Vertx.vertx();
    HttpClient client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(2 * WAITING + 10));
    var cluster = new StandInCluster(folder);
    var autoscaler = new StandInAutoscaler(vertx);
    cluster.priceClass("batch", "500n", true);
    ActivatorProcess killed = activator(cluster, autoscaler, "activator-a", "10.1.0.7");
    ActivatorProcess other = activator(cluster, autoscaler, "activator-b", "10.1.0.8");
    try {
      var pod = new StandInPod(vertx, "n1");
      cluster.revision("f", "", "containerConcurrency: 2");
      cluster.activators("f", "10.1.0.7", "10.1.0.8");
      cluster.pods("f", List.of(pod), List.of());
      for (ActivatorProcess each : List.of(killed, other)) {
        eventually("it serves", () -> await(get(client, each, "/")).statusCode() == 200);
      }
      var lost = new ArrayList<Future<HttpClientResponse>>();
      var kept = new ArrayList<Future<HttpClientResponse>>();
      for (int i = 0; i <= WAITING; i++) {
        lost.add(get(client, killed, "/hold"));
        kept.add(get(client, other, "/hold"));
      }
      for (ActivatorProcess each : List.of(killed, other)) {
        eventually(
            "all wait",
            () -> each.metrics().contains("fareway_activator_waiting " + WAITING + "\n"));
      }

      killed.kill();

      for (Future<HttpClientResponse> each : kept) {
        eventually("one is served", () -> pod.release() || each.isComplete());
      }
      while (pod.release()) {
        // What the killed one had sent on.
      }
      for (Future<HttpClientResponse> each : kept) {
        eventually("it is answered", () -> pod.release() || each.isComplete());
        assertEquals(200, await(each).statusCode());
      }
      for (Future<HttpClientResponse> each : lost) {
        eventually("its caller knows", each::isComplete);
      }
    } finally {
      killed.kill();
      other.kill();
      cluster.close();
      await(vertx.close());
    }
  }

  private static ActivatorProcess activator(
      StandInCluster cluster, StandInAutoscaler autoscaler, String name, String ip)
      throws Exception {
    return new ActivatorProcess(
        cluster.kubeconfig(),
        Map.of("POD_NAME", name, "POD_IP", ip, "PROBE_FREQUENCY", "100ms"),
        "--autoscaler=127.0.0.1:" + autoscaler.port());
  }

  private static Future<HttpClientResponse> get(
      HttpClient client, ActivatorProcess activator, String path) throws Exception {
    return client
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost("127.0.0.1")
                .setPort(activator.httpPort())
                .setURI(path)
                .putHeader("Knative-Serving-Namespace", "ns")
                .putHeader("Knative-Serving-Revision", "f"))
        .compose(request -> request.send());
  }
}
