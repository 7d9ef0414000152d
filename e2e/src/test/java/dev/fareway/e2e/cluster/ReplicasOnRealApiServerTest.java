package dev.fareway.e2e.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fareway.crds.Fareway;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Replicas of the packaged operator, and who may speak to them, on a real API server. */
@NullUnmarked
@NeedsRealApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class ReplicasOnRealApiServerTest {
  private LocalCluster cluster;
  private KubernetesClient client;
  private Path folder;

  @BeforeAll
  void start(@TempDir Path temp) throws Exception {
    folder = temp;
    Path home = LocalClusterOptions.in(folder).home();
    assumeTrue(
        Files.exists(home.resolve(LocalCluster.OPERATOR)),
        () -> home.resolve(LocalCluster.OPERATOR) + " is not built");
    cluster =
        LocalCluster.start(
            LocalClusterOptions.in(folder)
                .withApiServer(ApiServerKind.REAL)
                .withOperatorSettings(
                    Map.of(
                        "FAREWAY_CERTIFICATES_NAMES",
                        "localhost",
                        "FAREWAY_LEASES_DURATION",
                        "PT6S")));
    client = cluster.client();
    ClusterObjects.readyNode(client, "node-1", 100);
    ClusterObjects.readyNode(client, "node-2", 100);
    ClusterObjects.priceClass(client, "batch", "2u");
    create(
        """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: fareway-node-daemon, namespace: fareway-system}
        """);
    create(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: daemon-1, namespace: fareway-system}
        spec:
          nodeName: node-1
          serviceAccountName: fareway-node-daemon
          containers: [{name: c, image: none}]
        """);
    cluster.startOperator();
  }

  @AfterAll
  void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void daemon_isKnownByItsToken_andSpeaksForItsOwnNodeOnly() throws Exception {
    Path authorities = folder.resolve("ca.crt");
    Eventually.eventually(
        "the operator says whom to trust",
        () -> {
          var map = client.configMaps().inNamespace("fareway-system").withName("fareway-ca").get();
          return map != null && map.getData().containsKey("ca.crt");
        });
    Files.writeString(
        authorities,
        client
            .configMaps()
            .inNamespace("fareway-system")
            .withName("fareway-ca")
            .get()
            .getData()
            .get("ca.crt"));
    Path token = folder.resolve("token");
    Files.writeString(token, token());
    try (var _ = daemon("node-1", authorities, token, "own.log")) {
      Eventually.eventually("the daemon of node-1 is in session", () -> sessions() == 1);
    }
    Eventually.eventually("the session has ended", () -> sessions() == 0);
    try (var _ = daemon("node-2", authorities, token, "other.log")) {
      Eventually.eventually(
          "the daemon that claims to be on node-2 is refused",
          () -> log("other.log").contains("the token is that of node node-1"));
    }
    assertEquals(0, sessions());
  }

  @Test
  void shards_moveToBalance_andToTheOther_whenOneIsKilled() throws Exception {
    Eventually.eventually(
        "the first replica holds all shards", () -> holders().equals(Map.of("operator-0", 4)));
    try (var second = operator("operator-1")) {
      Eventually.eventually(
          "each holds half of the shards",
          () -> holders().equals(Map.of("operator-0", 2, "operator-1", 2)));
      pods("before", 20);
      Eventually.eventually("all pods have a node", () -> unbound() == 0);
      ProcessHandle.of(second.pid()).orElseThrow().destroyForcibly();
    }
    pods("after", 20);
    Eventually.eventually("all pods have a node", () -> unbound() == 0);
    Eventually.eventually(
        "the first replica holds all shards", () -> holders().equals(Map.of("operator-0", 4)));

    create(
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: fareway-scheduler, namespace: fareway-system}
        data: {shards: "2"}
        """);
    Eventually.eventually("there are two shards", () -> holders().equals(Map.of("operator-0", 2)));
    pods("resized", 20);
    Eventually.eventually("all pods have a node", () -> unbound() == 0);
    assertTrue(
        client.pods().inNamespace("default").list().getItems().size() >= 60, "no pod was lost");
  }

  @Test
  void dearPod_thatFitsNowhere_hasACheaperOneEvicted_andGetsItsRoom() throws Exception {
    ClusterObjects.priceClass(client, "interactive", "20u");
    for (String node : List.of("node-1", "node-2")) {
      sized("cheap-on-" + node, "batch", node);
      Eventually.eventually(
          "the cheap pod has its node", () -> nodeOf("cheap-on-" + node).equals(node));
    }

    sized("dear", "interactive", "node-2");

    Eventually.eventually("the dear pod has the node", () -> nodeOf("dear").equals("node-2"));
    assertEquals("node-1", nodeOf("cheap-on-node-1"));
    assertEquals("", nodeOf("cheap-on-node-2"));
    Eventually.eventually(
        "an Event says who made room",
        () ->
            client.events().v1().events().inNamespace("sized").list().getItems().stream()
                .anyMatch(
                    event ->
                        "Preempted".equals(event.getReason())
                            && event.getNote().contains("sized/dear")));
  }

  @Test
  void apiServer_thatCrashesMidBurst_losesNoPod_andNoneIsMoved() throws Exception {
    pods("before-crash", 30);
    // Longer than a replica may place for its shards without renewing their Leases.
    cluster.crashApiServer(Duration.ofSeconds(5));
    Eventually.eventually("the API server answers", () -> unbound() >= 0);
    Map<String, String> then = nodesOf("before-crash");
    pods("after-crash", 30);

    Eventually.eventually("all pods have a node", () -> unbound() == 0);
    Map<String, String> now = nodesOf("before-crash");
    assertEquals(30, now.size(), "no pod was lost");
    then.forEach((pod, node) -> assertTrue(node.isEmpty() || node.equals(now.get(pod)), pod));
    assertEquals(30, nodesOf("after-crash").size());
    Eventually.eventually(
        "nobody waits in vain for a Lease", () -> !holders().containsKey("nobody"));
  }

  @Test
  void operator_thatIsToldToEnd_givesItsLeasesUp_andLeavesNoneToRunOut() throws Exception {
    Eventually.eventually(
        "the operator holds all shards", () -> holders().keySet().equals(Set.of("operator-0")));
    var signOfLife =
        client.leases().inNamespace("fareway-system").withName("fareway-replica-operator-0");
    assertNotNull(signOfLife.get());

    cluster.stopOperator();
    try {
      assertEquals(Set.of("nobody"), holders().keySet());
      assertNull(signOfLife.get(), "the sign of life of a replica that has ended");
    } finally {
      cluster.startOperator();
    }
  }

  @Test
  void promise_thatADisruptionBudgetDefeats_isTakenOffThePod() throws Exception {
    ClusterObjects.readyNode(client, "node-3", 100);
    create(
        """
        apiVersion: fareway.dev/v1alpha1
        kind: PriceClass
        metadata: {name: urgent}
        spec: {pricePerCpuSecond: 30u}
        """);
    sized("guarded", "batch", "node-3");
    create(
        """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: guarded, namespace: sized}
        spec: {maxUnavailable: 0, selector: {matchLabels: {app: guarded}}}
        """);
    Eventually.eventually("the cheap pod has its node", () -> nodeOf("guarded").equals("node-3"));
    // A pod that does not run yet is evicted without asking its budget.
    client
        .pods()
        .inNamespace("sized")
        .withName("guarded")
        .editStatus(
            now -> {
              now.getStatus().setPhase("Running");
              return now;
            });

    sized("urgent", "urgent", "node-3");

    Eventually.eventually(
        () -> "the eviction is refused: " + evictions("protected"),
        () -> evictions("protected") > 0);
    Eventually.eventually(
        "the pod is promised nothing, and told why it waits",
        () -> {
          var status = client.pods().inNamespace("sized").withName("urgent").get().getStatus();
          return status.getNominatedNodeName() == null
              && status.getConditions().stream()
                  .anyMatch(
                      condition ->
                          "PodScheduled".equals(condition.getType())
                              && String.valueOf(condition.getMessage()).contains("will do"));
        });
    assertEquals("node-3", nodeOf("guarded"));
  }

  @Test
  void kubectlGetPriceClasses_showsHowManyRunAndWait() throws Exception {
    create(
        """
        apiVersion: fareway.dev/v1alpha1
        kind: PriceClass
        metadata: {name: counted}
        spec: {pricePerCpuSecond: 1u}
        """);
    for (int i = 0; i < 5; i++) {
      create(
          """
          apiVersion: v1
          kind: Pod
          metadata:
            name: counted-%d
            namespace: default
            annotations: {%s: counted}
          spec:
            schedulerName: fareway
            containers: [{name: c, image: none, resources: {requests: {cpu: "%s"}}}]
          """
              .formatted(i, Fareway.PRICE_CLASS, i < 3 ? "1m" : "64"));
    }

    try {
      Eventually.eventually(
          () -> "three run and two wait: " + priceClasses(),
          () ->
              Pattern.compile("(?m)^counted +1u +\\d+ +Auto +5 +3 +2 ")
                  .matcher(priceClasses())
                  .find());
    } finally {
      for (int i = 0; i < 5; i++) {
        client.pods().inNamespace("default").withName("counted-" + i).withGracePeriod(0).delete();
      }
    }
    assertTrue(priceClasses().startsWith("NAME"), () -> "a table with a head: " + priceClasses());
    assertTrue(
        Pattern.compile("INSTANCES +QUEUED").matcher(priceClasses()).find(),
        () -> "its columns: " + priceClasses());
  }

  private String priceClasses() {
    try {
      Process kubectl =
          new ProcessBuilder(
                  ApiServers.binaries().orElseThrow().program("kubectl").toString(),
                  "--kubeconfig=" + cluster.kubeconfig(),
                  "get",
                  "priceclasses")
              .redirectErrorStream(true)
              .start();
      return new String(kubectl.getInputStream().readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many answers of the Eviction API the operator has counted. */
  private double evictions(String outcome) {
    try (var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      String metrics =
          http.send(
                  HttpRequest.newBuilder(cluster.operatorAddress().resolve("/q/metrics")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      var counted =
          Pattern.compile(
                  "(?m)^fareway_evictions_total\\{.*outcome=\"%s\".*} (\\S+)".formatted(outcome))
              .matcher(metrics);
      return counted.find() ? Double.parseDouble(counted.group(1)) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Map<String, String> nodesOf(String prefix) {
    var nodes = new TreeMap<String, String>();
    for (Pod pod : client.pods().inNamespace("default").list().getItems()) {
      if (pod.getMetadata().getName().startsWith(prefix)) {
        String node = pod.getSpec().getNodeName();
        nodes.put(pod.getMetadata().getName(), node == null ? "" : node);
      }
    }
    return nodes;
  }

  /** A pod that takes most of its node; without a kubelet it ends at once when it is told to. */
  private void sized(String name, String priceClass, String node) {
    if (client.namespaces().withName("sized").get() == null) {
      create(
          """
          apiVersion: v1
          kind: Namespace
          metadata: {name: sized}
          """);
    }
    create(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: %s
          namespace: sized
          labels: {app: %s}
          annotations: {%s: %s}
        spec:
          schedulerName: fareway
          terminationGracePeriodSeconds: 0
          affinity:
            nodeAffinity:
              requiredDuringSchedulingIgnoredDuringExecution:
                nodeSelectorTerms:
                - matchFields: [{key: metadata.name, operator: In, values: [%s]}]
          containers:
          - name: c
            image: none
            resources: {requests: {cpu: "6"}}
        """
            .formatted(name, name, Fareway.PRICE_CLASS, priceClass, node));
  }

  private String nodeOf(String pod) {
    Pod now = client.pods().inNamespace("sized").withName(pod).get();
    String node = now == null ? null : now.getSpec().getNodeName();
    return node == null ? "" : node;
  }

  private Map<String, Integer> holders() {
    var holders = new TreeMap<String, Integer>();
    for (Lease lease :
        client
            .leases()
            .inNamespace("fareway-system")
            .withLabel("fareway.dev/lease", "shard")
            .list()
            .getItems()) {
      String holder = lease.getSpec().getHolderIdentity();
      holders.merge(holder == null || holder.isEmpty() ? "nobody" : holder, 1, Integer::sum);
    }
    return holders;
  }

  private long unbound() {
    return client.pods().inNamespace("default").list().getItems().stream()
        .map(Pod::getSpec)
        .filter(spec -> spec.getNodeName() == null)
        .count();
  }

  private void pods(String prefix, int count) {
    for (int i = 0; i < count; i++) {
      create(
          """
          apiVersion: v1
          kind: Pod
          metadata:
            name: %s-%d
            namespace: default
            annotations: {%s: batch}
          spec:
            schedulerName: fareway
            containers: [{name: c, image: none}]
          """
              .formatted(prefix, i, Fareway.PRICE_CLASS));
    }
  }

  private String token() {
    TokenRequest request =
        new TokenRequestBuilder()
            .withNewSpec()
            .withAudiences("fareway-dispatcher")
            .withExpirationSeconds(3600L)
            .withNewBoundObjectRef()
            .withApiVersion("v1")
            .withKind("Pod")
            .withName("daemon-1")
            .endBoundObjectRef()
            .endSpec()
            .build();
    return client
        .serviceAccounts()
        .inNamespace("fareway-system")
        .withName("fareway-node-daemon")
        .tokenRequest(request)
        .getStatus()
        .getToken();
  }

  private ManagedProcess daemon(String node, Path authorities, Path token, String log) {
    return ManagedProcess.start(
        "the node daemon of " + node,
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "-jar",
            LocalClusterOptions.in(folder).home().resolve(LocalCluster.NODE_DAEMON).toString(),
            "--node-name",
            node,
            "--kubeconfig",
            cluster.nodeKubeconfig().toString(),
            "--mode",
            "Off",
            "--status-port",
            "0",
            "--operator",
            cluster.dispatcherAddress().replace("127.0.0.1", "localhost"),
            "--operator-ca",
            authorities.toString(),
            "--operator-token",
            token.toString()),
        Map.of(),
        folder.resolve(log),
        URI.create("http://127.0.0.1:1/none"));
  }

  private ManagedProcess operator(String replica) {
    return OperatorReplica.start(
        replica,
        folder,
        cluster.kubeconfig(),
        FreePorts.find(2),
        Map.of("FAREWAY_LEASES_DURATION", "PT6S"));
  }

  private int sessions() throws Exception {
    String body =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(cluster.operatorAddress().resolve("/q/health/ready"))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    var matcher = Pattern.compile("\"dispatchers\": ?([0-9]+)").matcher(body);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
  }

  private String log(String name) throws Exception {
    Path file = folder.resolve(name);
    return Files.exists(file) ? Files.readString(file, UTF_8) : "";
  }

  private void create(String yaml) {
    client.resource(yaml).create();
  }
}
