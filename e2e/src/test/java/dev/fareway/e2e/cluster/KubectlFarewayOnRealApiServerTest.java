package dev.fareway.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fareway.crds.Budget;
import dev.fareway.crds.BudgetSpec;
import dev.fareway.crds.Fareway;
import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageSpec;
import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassSpec;
import dev.fareway.crds.UsageReport;
import dev.fareway.crds.UsageReportSpec;
import dev.fareway.crds.UsageReportStatus;
import dev.fareway.crds.UsageReportStatus.Spending;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The packaged plugin, as a process, on what kube-apiserver really says. */
@NullUnmarked
@NeedsRealApiServer
@TestInstance(Lifecycle.PER_CLASS)
final class KubectlFarewayOnRealApiServerTest {
  private static final Path PLUGIN =
      Path.of("../cli/target/kubectl-fareway/kubectl-fareway").toAbsolutePath().normalize();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SHOP = "shop";

  private Path folder;
  private LocalCluster cluster;
  private KubernetesClient client;

  private record Ran(int code, String out, String err) {
    JsonNode json() throws IOException {
      assertEquals(0, code, err);
      return JSON.readTree(out);
    }
  }

  @BeforeAll
  void start(@TempDir Path temporary) {
    folder = temporary;
    cluster =
        LocalCluster.start(
            LocalClusterOptions.in(folder.resolve("cluster")).withApiServer(ApiServerKind.REAL));
    client = cluster.client();
    client
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(SHOP)
                .addToAnnotations(Fareway.PRICE_CLASS, "batch")
                .endMetadata()
                .build())
        .create();
    priceClass("interactive", "20u");
    priceClass("batch", "2u");
    client
        .resource(
            new NodeBuilder()
                .withNewMetadata()
                .withName("worker-1")
                .endMetadata()
                .withNewStatus()
                .addToAllocatable("cpu", new Quantity("4"))
                .addToAllocatable("memory", new Quantity("8Gi"))
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .addNewCondition()
                .withType("FarewayEnforcement")
                .withStatus("True")
                .withReason("Weighted")
                .withMessage("Pods run by cpu.weight in the order of their class.")
                .endCondition()
                .endStatus()
                .build())
        .create();
    Pod placed = pod("checkout", Map.of(Fareway.PRICE_CLASS, "interactive"));
    Pods.bind(client, placed, "worker-1");
    pod("resize", Map.of());
    var budget = new Budget();
    budget.getMetadata().setName("all");
    budget.getMetadata().setNamespace(SHOP);
    budget.setSpec(BudgetSpec.ofLimit("50"));
    client.resource(budget).create();
    usage();
  }

  @AfterAll
  void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private void priceClass(String name, String price) {
    var object = new PriceClass();
    object.getMetadata().setName(name);
    object.setSpec(PriceClassSpec.ofPrice(price));
    client.resource(object).create();
  }

  private Pod pod(String name, Map<String, String> annotations) {
    return client
        .resource(
            new PodBuilder(Pods.shell(name, "sleep 1"))
                .editMetadata()
                .withNamespace(SHOP)
                .withAnnotations(annotations)
                .endMetadata()
                .build())
        .create();
  }

  private void usage() {
    for (int node = 1; node <= 2; node++) {
      var object = new NodeUsage();
      object.getMetadata().setName(NodeUsage.nameOf("worker-" + node, "2026-03", 0));
      object.setSpec(new NodeUsageSpec("worker-" + node, "2026-03", 0));
      NodeUsage created = client.resource(object).create();
      created.setStatus(
          new NodeUsageStatus(
              1,
              List.of(
                  new Usage(
                      SHOP,
                      "checkout",
                      "interactive",
                      1_500_000_000,
                      1L << 30,
                      31_000,
                      1_000,
                      500_000_000,
                      1 << 29))));
      client.resource(created).updateStatus();
    }
    var report = new UsageReport();
    report.getMetadata().setName(UsageReport.nameOf("2026-02", SHOP, 0));
    report.setSpec(new UsageReportSpec("2026-02", SHOP, 0));
    UsageReport created = client.resource(report).create();
    created.setStatus(
        new UsageReportStatus(
            true,
            List.of(
                new Spending(
                    "checkout", "batch", 7, 9, new Quantity("0.25"), new Quantity("0.05")))));
    client.resource(created).updateStatus();
  }

  private Ran run(Path kubeconfig, String... arguments) throws Exception {
    var command = new ArrayList<>(List.of(PLUGIN.toString()));
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    Process process = builder.start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("still running: " + String.join(" ", command));
    }
    return new Ran(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private Ran run(String... arguments) throws Exception {
    return run(cluster.kubeconfig(), arguments);
  }

  @Test
  void top_countsInstancesByClass() throws Exception {
    JsonNode classes = run("top", "-n", SHOP, "-o", "json").json().path("priceClasses");

    assertEquals("interactive", classes.path(0).path("priceClass").asText());
    assertEquals(1, classes.path(0).path("instances").asInt());
    assertEquals("batch", classes.path(1).path("priceClass").asText());
    assertEquals(1, classes.path(1).path("waiting").asInt());
  }

  @Test
  void nodes_showWhatTheirDaemonSays() throws Exception {
    JsonNode node = run("nodes", "-o", "json").json().path("nodes").path(0);

    assertEquals("worker-1", node.path("name").asText());
    assertEquals("Ready", node.path("status").asText());
    assertEquals("Weighted", node.path("enforcement").path("reason").asText());
    assertEquals(1, node.path("instancesByPriceClass").path("interactive").asInt());
    assertEquals(8L << 30, node.path("allocatableMemoryBytes").asLong());
  }

  @Test
  void explain_tellsWhereThePlacedPodIsAndWhyTheOtherWaits() throws Exception {
    JsonNode placed = run("explain", "checkout", "-n", SHOP, "-o", "json").json();
    assertEquals("Placed", placed.path("state").asText());
    assertEquals("worker-1", placed.path("node").asText());
    assertEquals("POD_ANNOTATION", placed.path("priceClass").path("source").asText());
    assertEquals(1, placed.path("priceClass").path("rank").asInt());
    assertEquals("all", placed.path("budgets").path(0).path("name").asText());

    JsonNode waiting = run("explain", "resize", "-n", SHOP, "-o", "json").json();
    assertEquals("Waiting", waiting.path("state").asText());
    assertEquals("NAMESPACE_ANNOTATION", waiting.path("priceClass").path("source").asText());
  }

  @Test
  void bill_isWhatTheNodesWrote_toTheNanoUnit() throws Exception {
    JsonNode bill = run("bill", "--month", "2026-03", "-o", "json").json();

    // Twice 30,000.5 and 1,000.5 nano-units: what rounding left adds up to one each.
    assertEquals("0.000062002", bill.path("total").path("cost").asText());
    assertEquals("0.000002001", bill.path("total").path("memoryCost").asText());
    assertEquals(3, bill.path("total").path("cpuSeconds").asLong());
    Ran archived = run("bill", "--month", "2026-02", "-o", "csv");
    assertTrue(
        archived.out().endsWith("\r\n2026-02,shop,checkout,batch,7,9,0.25,0.05\r\n"),
        archived.toString());
  }

  @Test
  void errors_areSentencesAndCodes() throws Exception {
    Ran nobody = run("explain", "nobody", "-n", SHOP);
    assertEquals(5, nobody.code(), nobody.err());
    assertEquals("error: Pods \"nobody\" not found.\n", nobody.err());

    Ran context = run("top", "--context", "elsewhere");
    assertEquals(3, context.code(), context.err());

    client
        .resource(
            new ServiceAccountBuilder()
                .withNewMetadata()
                .withName("tenant")
                .withNamespace(SHOP)
                .endMetadata()
                .build())
        .create();
    Ran tenant = run(tenantKubeconfig(), "bill");
    assertEquals(4, tenant.code(), tenant.err());
    assertTrue(
        tenant.err().contains("system:serviceaccount:shop:tenant")
            && tenant.err().contains("nodeusages"),
        tenant.err());
  }

  /** As a tenant that may do nothing. */
  private Path tenantKubeconfig() throws IOException {
    String token =
        client
            .serviceAccounts()
            .inNamespace(SHOP)
            .withName("tenant")
            .tokenRequest(
                new TokenRequestBuilder()
                    .withNewSpec()
                    .withExpirationSeconds(600L)
                    .endSpec()
                    .build())
            .getStatus()
            .getToken();
    var config = client.getConfiguration();
    String authority =
        config.getCaCertData() != null
            ? "certificate-authority-data: " + config.getCaCertData()
            : "certificate-authority: " + config.getCaCertFile();
    return Files.writeString(
        folder.resolve("tenant"),
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "%s", %s}}]
        users: [{name: u, user: {token: "%s"}}]
        contexts: [{name: x, context: {cluster: c, user: u}}]
        current-context: x
        """
            .formatted(config.getMasterUrl(), authority, token));
  }

  @Test
  void plugin_isFoundAndCompletedByKubectl() throws Exception {
    Path kubectl = ApiServers.binaries().orElseThrow().program("kubectl");
    assumeTrue(Files.isExecutable(kubectl), "there is no kubectl beside kube-apiserver");
    ProcessBuilder builder =
        new ProcessBuilder(
            kubectl.toString(), "fareway", "bill", "--month", "2026-02", "-o", "csv");
    builder.environment().put("PATH", PLUGIN.getParent() + ":" + System.getenv("PATH"));
    builder.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(2, TimeUnit.MINUTES));
    assertTrue(out.contains("2026-02,shop,checkout,batch,7,9,0.25,0.05"), out);
  }
}
