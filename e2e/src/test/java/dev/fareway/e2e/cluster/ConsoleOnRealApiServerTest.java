package dev.fareway.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The console of two packaged operators, and who may see it, on a real API server. */
@NullUnmarked
@NeedsRealApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class ConsoleOnRealApiServerTest {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "FAREWAY_CERTIFICATES_NAMES",
          "localhost",
          "FAREWAY_CONSOLE_AUTHENTICATE",
          "true",
          "FAREWAY_LEASES_DURATION",
          "PT6S");

  private final HttpClient http = HttpClient.newHttpClient();
  private LocalCluster cluster;
  private KubernetesClient client;
  private Path folder;

  @BeforeAll
  void start(@TempDir Path temp) {
    folder = temp;
    Path home = LocalClusterOptions.in(folder).home();
    assumeTrue(
        Files.exists(home.resolve(LocalCluster.OPERATOR)),
        () -> home.resolve(LocalCluster.OPERATOR) + " is not built");
    cluster =
        LocalCluster.start(
            LocalClusterOptions.in(folder)
                .withApiServer(ApiServerKind.REAL)
                .withOperatorSettings(SETTINGS));
    client = cluster.client();
    create(
        """
        apiVersion: fareway.dev/v1alpha1
        kind: PriceClass
        metadata: {name: batch}
        spec: {pricePerCpuSecond: 2u}
        """);
    for (String name : List.of("alice", "mallory")) {
      create(
          """
          apiVersion: v1
          kind: ServiceAccount
          metadata: {name: %s, namespace: default}
          """
              .formatted(name));
    }
    create(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: fareway-console-viewer}
        rules:
        - nonResourceURLs: [/console/state]
          verbs: [get]
        """);
    create(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: alice-console}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: fareway-console-viewer}
        subjects: [{kind: ServiceAccount, name: alice, namespace: default}]
        """);
    cluster.startOperator();
  }

  @AfterAll
  void stop() {
    http.close();
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void state_isForThoseWhoMayGetIt() throws Exception {
    assertEquals(401, get(cluster.console(), null).statusCode());
    assertEquals(401, get(cluster.console(), "nonsense").statusCode());
    assertEquals(
        401,
        get(cluster.console(), token("alice", "fareway-dispatcher")).statusCode(),
        "a token for another audience");
    HttpResponse<String> refused = get(cluster.console(), token("mallory", "fareway-console"));
    assertEquals(403, refused.statusCode());
    assertTrue(refused.body().contains("system:serviceaccount:default:mallory"), refused::body);
    assertEquals(200, get(cluster.console(), token("alice", "fareway-console")).statusCode());
  }

  @Test
  void state_isTheWhole_whicheverReplicaIsAsked() throws Exception {
    String token = token("alice", "fareway-console");
    create(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: waits
          namespace: default
          annotations: {fareway.dev/price-class: batch}
        spec:
          schedulerName: fareway
          containers: [{name: c, image: none}]
        """);
    List<Integer> ports = FreePorts.find(3);
    URI second = URI.create("http://127.0.0.1:%d/console/".formatted(ports.get(2)));
    try (var process = operator("operator-1", ports)) {
      for (URI console : List.of(cluster.console(), second)) {
        Eventually.eventually(
            "all four shards are known at " + console,
            () -> process.pid() > 0 && holders(state(console, token)).size() == 2);
        JsonNode state = state(console, token);
        assertEquals("waits", state.path("waiting").path(0).path("pod").asText(), state::toString);
        assertTrue(
            state.path("waiting").path(0).path("reason").asText().contains("node"),
            state::toString);
        assertEquals(1, state.path("classes").path(0).path("waiting").asInt());
        assertEquals("Waits", state.path("decisions").path(0).path("kind").asText());
      }
    }
    Eventually.eventually(
        "it says that the second is missing, or has its shards",
        () -> {
          JsonNode state = state(cluster.console(), token);
          return holders(state).equals(Set.of("operator-0"))
              || state.path("replicas").toString().contains("\"reached\":false");
        });
  }

  /** Who holds the shards that are known; nobody as long as some are not. */
  private static Set<String> holders(JsonNode state) {
    var holders = new HashSet<String>();
    for (JsonNode shard : state.path("shards")) {
      if (!shard.path("known").asBoolean()) {
        return Set.of();
      }
      holders.add(shard.path("replica").asText());
    }
    return holders;
  }

  private JsonNode state(URI console, String token) throws Exception {
    return new ObjectMapper().readTree(get(console, token).body());
  }

  private HttpResponse<String> get(URI console, String token) throws Exception {
    var request = HttpRequest.newBuilder(console.resolve("state"));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private String token(String account, String audience) {
    return client
        .serviceAccounts()
        .inNamespace("default")
        .withName(account)
        .tokenRequest(
            new TokenRequestBuilder()
                .withNewSpec()
                .withAudiences(audience)
                .withExpirationSeconds(3600L)
                .endSpec()
                .build())
        .getStatus()
        .getToken();
  }

  private ManagedProcess operator(String replica, List<Integer> ports) {
    var settings = new HashMap<>(SETTINGS);
    settings.put("FAREWAY_CONSOLE_PORT", String.valueOf(ports.get(2)));
    ManagedProcess process =
        OperatorReplica.start(replica, folder, cluster.kubeconfig(), ports, settings);
    process.waitReady(java.time.Duration.ofSeconds(60));
    return process;
  }

  private void create(String yaml) {
    client.resource(yaml).create();
  }
}
