package dev.fareway.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.Release;
import dev.fareway.crds.PriceClass;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The chart, from an API server that has nothing of ours. */
@NullUnmarked
@NeedsRealApiServer
@TestInstance(Lifecycle.PER_CLASS)
final class ChartOnRealApiServerTest {
  private static final Path CHART = Path.of("../helm/fareway").toAbsolutePath().normalize();
  private static final String NAMESPACE = "fareway-system";
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private ApiServer server;
  private KubernetesClient client;
  private Path kubeconfig;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    server = ApiServers.prepare(ApiServerKind.REAL, folder, folder);
    server.start();
    kubeconfig = Files.writeString(folder.resolve("kubeconfig"), server.kubeconfig());
    client = new KubernetesClientBuilder().withConfig(server.clientConfig()).build();
  }

  @AfterAll
  void stop() {
    if (client != null) {
      client.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @Test
  void chart_isInstalledUpgradedAndRemoved_andItsManifestsAreStrictlyValid() throws Exception {
    // Installed on a server that has never heard of Fareway
    Release installed =
        new Helm(CHART)
            .install()
            .withName("fareway")
            .withNamespace(NAMESPACE)
            .createNamespace()
            .withKubeConfig(kubeconfig)
            .call();
    assertEquals("deployed", installed.getStatus());
    assertEquals(3, client.resources(PriceClass.class).list().getItems().size());

    // What it installs has no field that the API server doesn't know, and earns no warning
    List<JsonNode> manifests = manifests();
    assertFalse(manifests.isEmpty());
    for (JsonNode manifest : manifests) {
      assertEquals(List.of(), complaints(manifest), () -> manifest.toString());
    }

    // Upgraded with another value
    Release upgraded =
        new Helm(CHART)
            .upgrade()
            .withName("fareway")
            .withNamespace(NAMESPACE)
            .withKubeConfig(kubeconfig)
            .set("operator.replicas", "3")
            .set("crds.upgrade", "false")
            .call();
    assertEquals("deployed", upgraded.getStatus());
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

    // Removed: what functions name stays until it is deleted by hand
    String removed =
        Helm.uninstall("fareway").withNamespace(NAMESPACE).withKubeConfig(kubeconfig).call();
    assertTrue(removed.contains("uninstalled"), removed);
    assertTrue(client.apps().deployments().inNamespace(NAMESPACE).list().getItems().isEmpty());
    assertEquals(3, client.resources(PriceClass.class).list().getItems().size());
  }

  private List<JsonNode> manifests() throws Exception {
    String text =
        new Helm(CHART)
            .template()
            .withName("fareway")
            .withNamespace(NAMESPACE)
            .withKubeVersion("1.36.0")
            .call();
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
      return documents.readAll().stream().filter(JsonNode::isObject).toList();
    }
  }

  /** What the API server has to say of a manifest, applied as a dry run. */
  private List<String> complaints(JsonNode manifest) throws Exception {
    JsonNode metadata = manifest.path("metadata");
    String apiVersion = manifest.path("apiVersion").asText();
    APIResource type = type(apiVersion, manifest.path("kind").asText());
    String path =
        "%s%s/%s%s/%s"
            .formatted(
                server.clientConfig().getMasterUrl(),
                apiVersion.contains("/") ? "apis" : "api",
                apiVersion,
                type.getNamespaced() ? "/namespaces/" + NAMESPACE : "",
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
