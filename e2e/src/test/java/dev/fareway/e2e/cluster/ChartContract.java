package dev.fareway.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.Release;
import com.marcnuri.helm.UpgradeCommand;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.validation.Samples;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The chart, from an API server that has nothing of ours, to one that has nothing running. */
@NullUnmarked
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(300)
abstract class ChartContract {
  private static final String NAMESPACE = Rendered.NAMESPACE;
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final Map<String, String> ALL =
      Map.of(
          "activator.enabled",
          "true",
          "activator.tokenKeysSecret",
          "keys",
          "dashboards.enabled",
          "true");

  private ApiServer server;
  private KubernetesClient client;
  private Path kubeconfig;
  private Path folder;
  private Path chart;
  private Tasks tasks;

  /** The API server that it is tried on; aborts the tests where there is none. */
  abstract ApiServerBinaries binaries();

  @BeforeAll
  void start(@TempDir Path temp) throws Exception {
    folder = temp;
    Path operator = LocalClusterOptions.in(temp).home().resolve(LocalCluster.OPERATOR);
    assumeTrue(Files.exists(operator), () -> operator + " is not built");
    server = new RealApiServer(binaries(), Files.createTempDirectory(temp, "api-server-"), temp);
    server.start();
    kubeconfig = Files.writeString(temp.resolve("kubeconfig"), server.kubeconfig());
    client = new KubernetesClientBuilder().withConfig(server.clientConfig()).build();
    chart =
        client.getKubernetesVersion().getGitVersion().equals("v" + binaries().version())
            ? Rendered.CHART
            : Rendered.forAnyVersion(temp);
    tasks = new Tasks(client, NAMESPACE, temp, UnaryOperator.identity(), List.of());
  }

  @AfterAll
  void stop() {
    if (tasks != null) {
      tasks.close();
    }
    if (client != null) {
      client.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @Test
  @Order(1)
  void chart_isInstalled_onAServerThatHasNeverHeardOfIt() {
    Release installed =
        Bounded.helm(
            "helm install",
            tasks::told,
            new Helm(chart)
                    .install()
                    .withName("fareway")
                    .withNamespace(NAMESPACE)
                    .createNamespace()
                    .withKubeConfig(kubeconfig)
                    .set("activator.enabled", "true")
                ::call);

    assertEquals("deployed", installed.getStatus());
    assertEquals(3, client.resources(PriceClass.class).list().getItems().size());
  }

  /** No field that the API server doesn't know, and no warning. */
  @Test
  @Order(2)
  void manifests_areStrictlyValid_thoseOfHooksToo() throws Exception {
    List<JsonNode> manifests = manifests();
    assertTrue(manifests.size() > 40, () -> manifests.size() + " manifests");
    for (JsonNode manifest : manifests) {
      assertEquals(List.of(), complaints(manifest), manifest::toString);
    }
  }

  @Test
  @Order(2)
  void samples_areStrictlyValid() throws Exception {
    int count = 0;
    for (var sample : Samples.valid()) {
      JsonNode document = sample.documents().getFirst();
      String namespace = document.at("/metadata/namespace").asText();
      if (!namespace.isEmpty()) {
        namespace(namespace, Map.of());
      }
      assertEquals(List.of(), complaints(document), sample::toString);
      count++;
    }
    assertTrue(count > 3);
  }

  /** As users do it. */
  @Test
  @Order(2)
  void template_isAppliedByKubectl_asADryRun_withoutAWord() throws Exception {
    Path kubectl = binaries().program("kubectl");
    assumeTrue(Files.isExecutable(kubectl), () -> "skipped, there is no " + kubectl);
    Path file =
        Files.writeString(
            folder.resolve("all.yaml"), Rendered.all(folder, binaries().version(), ALL));
    Path words = folder.resolve("kubectl.err");

    Process process =
        new ProcessBuilder(
                kubectl.toString(),
                "--kubeconfig=" + kubeconfig,
                "apply",
                "--server-side",
                "--force-conflicts",
                "--dry-run=server",
                "--validate=strict",
                "-f",
                file.toString())
            .redirectError(words.toFile())
            .redirectOutput(folder.resolve("kubectl.out").toFile())
            .start();

    assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    assertEquals("", Files.readString(words));
    assertEquals(0, process.exitValue());
  }

  /** All pods but those that work with their node keep to the strictest level. */
  @Test
  @Order(2)
  void pods_areRestricted_butThoseOfNodes() throws Exception {
    namespace(
        "restricted",
        Map.of(
            "pod-security.kubernetes.io/enforce", "restricted",
            "pod-security.kubernetes.io/warn", "restricted"));
    namespace("open", Map.of("pod-security.kubernetes.io/enforce", "privileged"));
    List<String> nodePods = new ArrayList<>();
    int restricted = 0;
    for (JsonNode manifest : manifests()) {
      String kind = manifest.path("kind").asText();
      JsonNode template = kind.equals("Pod") ? manifest : manifest.at("/spec/template");
      if (!template.path("spec").has("containers")) {
        continue;
      }
      ObjectNode pod = YAML.createObjectNode();
      pod.put("apiVersion", "v1").put("kind", "Pod");
      pod.putObject("metadata").put("name", "p");
      pod.set("spec", template.path("spec"));
      if (kind.equals("DaemonSet")) {
        nodePods.add(manifest.at("/metadata/name").asText());
        assertTrue(complaints(pod, "restricted").toString().contains("violates PodSecurity"));
        assertEquals(List.of(), complaints(pod, "open"), manifest::toString);
      } else {
        restricted++;
        assertEquals(List.of(), complaints(pod, "restricted"), manifest::toString);
      }
    }
    assertEquals(
        List.of("fareway-node-daemon", "fareway-restore"), nodePods.stream().sorted().toList());
    assertEquals(5, restricted);
  }

  @Test
  @Order(3)
  void upgrade_bringsTheDefinitions_andKeepsObjectsAndKeys() throws Exception {
    // An older release: a definition without a column, and one that did not exist
    CustomResourceDefinition before = definition("priceclasses");
    int columns = columns(before);
    client
        .resource(before)
        .edit(
            now -> {
              now.getSpec().getVersions().getFirst().setAdditionalPrinterColumns(List.of());
              return now;
            });
    client.resource(definition("usagereports")).delete();
    Eventually.eventually("it is gone", () -> definition("usagereports") == null);
    Secret keys = secret("fareway-activator-keys");

    Release upgraded = upgrade(Map.of("operator.replicas", "3", "activator.enabled", "true"));

    assertEquals("deployed", upgraded.getStatus());
    String output = tasks.output("fareway-definitions");
    assertTrue(output.contains("usagereports.fareway.dev is new"), output);
    assertTrue(output.contains("priceclasses.fareway.dev is that of this release"), output);
    assertEquals(columns, columns(definition("priceclasses")));
    assertEquals(3, client.resources(PriceClass.class).list().getItems().size());
    assertEquals(keys.getData(), secret("fareway-activator-keys").getData());
    assertEquals(
        3,
        client
            .apps()
            .deployments()
            .inNamespace(NAMESPACE)
            .withName("fareway-operator")
            .get()
            .getSpec()
            .getReplicas());
    // What hooks may do they may only while they run
    assertTrue(
        client.rbac().clusterRoles().withName("fareway-definitions").get() == null,
        "the hook's role is left");
  }

  @Test
  @Order(4)
  void upgrade_withoutNodeDaemons_restoresNodes() {
    Release upgraded = upgrade(Map.of("nodeDaemon.enabled", "false"));

    assertEquals("deployed", upgraded.getStatus());
    assertTrue(
        tasks.output("fareway-restore").contains("nodes are as they were"),
        tasks.output("fareway-restore"));
  }

  @Test
  @Order(5)
  void removal_restoresNodes_andLeavesWhatFunctionsName() {
    assertEquals("deployed", upgrade(Map.of()).getStatus());

    String removed =
        Bounded.helm(
            "helm uninstall",
            tasks::told,
            Helm.uninstall("fareway").withNamespace(NAMESPACE).withKubeConfig(kubeconfig)::call);

    assertTrue(removed.contains("uninstalled"), removed);
    assertTrue(client.apps().deployments().inNamespace(NAMESPACE).list().getItems().isEmpty());
    assertTrue(client.apps().daemonSets().inNamespace(NAMESPACE).list().getItems().isEmpty());
    assertTrue(client.batch().v1().jobs().inNamespace(NAMESPACE).list().getItems().isEmpty());
    assertTrue(client.serviceAccounts().inNamespace(NAMESPACE).list().getItems().isEmpty());
    assertFalse(
        client.rbac().clusterRoles().list().getItems().stream()
            .anyMatch(role -> role.getMetadata().getName().startsWith("fareway")));
    assertEquals(3, client.resources(PriceClass.class).list().getItems().size());
  }

  private Release upgrade(Map<String, String> values) {
    UpgradeCommand command =
        new Helm(chart)
            .upgrade()
            .withName("fareway")
            .withNamespace(NAMESPACE)
            .withKubeConfig(kubeconfig);
    values.forEach(command::set);
    return Bounded.helm("helm upgrade", tasks::told, command::call);
  }

  private CustomResourceDefinition definition(String plural) {
    return client.resources(CustomResourceDefinition.class).withName(plural + ".fareway.dev").get();
  }

  private static int columns(CustomResourceDefinition of) {
    return of.getSpec().getVersions().getFirst().getAdditionalPrinterColumns().size();
  }

  private Secret secret(String name) {
    return client.secrets().inNamespace(NAMESPACE).withName(name).get();
  }

  private void namespace(String name, Map<String, String> labels) {
    client
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .build())
        .createOr(existing -> existing.update());
  }

  private List<JsonNode> manifests() throws IOException {
    try (var documents =
        YAML.readerFor(JsonNode.class)
            .<JsonNode>readValues(Rendered.all(folder, binaries().version(), ALL))) {
      return documents.readAll().stream().filter(JsonNode::isObject).toList();
    }
  }

  private List<String> complaints(JsonNode manifest) throws Exception {
    return complaints(manifest, manifest.at("/metadata/namespace").asText(NAMESPACE));
  }

  /** What the API server has to say of a manifest, applied as a dry run. */
  private List<String> complaints(JsonNode manifest, String namespace) throws Exception {
    JsonNode metadata = manifest.path("metadata");
    String apiVersion = manifest.path("apiVersion").asText();
    APIResource type = type(apiVersion, manifest.path("kind").asText());
    String path =
        "%s%s/%s%s/%s"
            .formatted(
                server.clientConfig().getMasterUrl(),
                apiVersion.contains("/") ? "apis" : "api",
                apiVersion,
                type.getNamespaced() ? "/namespaces/" + namespace : "",
                type.getName() + "/" + metadata.path("name").asText());
    HttpRequest request =
        client
            .getHttpClient()
            .newHttpRequestBuilder()
            .uri(path + "?dryRun=All&fieldValidation=Strict&fieldManager=test&force=true")
            .header("Content-Type", "application/apply-patch+yaml")
            .method("PATCH", "application/apply-patch+yaml", manifest.toString())
            .build();
    HttpResponse<String> answer =
        client.getHttpClient().sendAsync(request, String.class).get(30, TimeUnit.SECONDS);
    List<String> complaints = new ArrayList<>(answer.headers("Warning"));
    if (!answer.isSuccessful()) {
      complaints.add(answer.body());
    }
    return complaints;
  }

  private APIResource type(String apiVersion, String kind) {
    return client.getApiResources(apiVersion).getResources().stream()
        .filter(type -> kind.equals(type.getKind()) && !type.getName().contains("/"))
        .findFirst()
        .orElseThrow();
  }
}
