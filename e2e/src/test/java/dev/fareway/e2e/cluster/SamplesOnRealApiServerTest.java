package dev.fareway.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fareway.crds.Fareway;
import dev.fareway.crds.validation.Sample;
import dev.fareway.crds.validation.Samples;
import dev.fareway.crds.validation.Violation;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sample manifests, put to kube-apiserver. */
@NeedsRealApiServer
@TestInstance(Lifecycle.PER_CLASS)
final class SamplesOnRealApiServerTest {

  private static final Map<String, String> PLURALS =
      Map.of(
          "PriceClass",
          "priceclasses",
          "Budget",
          "budgets",
          "NodeUsage",
          "nodeusages",
          "UsageReport",
          "usagereports");

  private @Nullable LocalCluster cluster;

  @BeforeAll
  void start(@TempDir Path folder) {
    cluster = LocalCluster.start(LocalClusterOptions.in(folder).withApiServer(ApiServerKind.REAL));
  }

  @AfterAll
  void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  static Stream<Sample> valid() {
    return Samples.valid().stream();
  }

  static Stream<Sample> invalid() {
    return Samples.invalid().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("valid")
  void validSample_isAccepted(Sample sample) {
    try (Writer writer = new Writer(client(), sample)) {
      sample.documents().forEach(writer::write);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("invalid")
  void invalidSample_isRefused_tellingWhy(Sample sample) {
    try (Writer writer = new Writer(client(), sample)) {
      List<JsonNode> documents = sample.documents();
      documents.subList(0, documents.size() - 1).forEach(writer::write);

      var refused =
          assertThrows(KubernetesClientException.class, () -> writer.write(documents.getLast()));

      Sample.Refusal refusal = sample.refusal().orElseThrow();
      List<Violation> violations = violations(refused);
      assertTrue(
          violations.stream().anyMatch(refusal::isToldBy),
          () -> "expected " + refusal + ", but got " + violations);
    }
  }

  private KubernetesClient client() {
    return Objects.requireNonNull(cluster).client();
  }

  private static List<Violation> violations(KubernetesClientException refused) {
    List<Violation> result = new ArrayList<>();
    Status status = refused.getStatus();
    if (status == null) {
      return List.of(new Violation("", Objects.toString(refused.getMessage(), "")));
    }
    result.add(new Violation("", Objects.toString(status.getMessage(), "")));
    if (status.getDetails() != null) {
      status
          .getDetails()
          .getCauses()
          .forEach(
              cause ->
                  result.add(
                      new Violation(
                          Objects.toString(cause.getField(), ""),
                          Objects.toString(cause.getMessage(), ""))));
    }
    return result;
  }

  /** Writes the documents of a sample as they are, which no typed client would. */
  private static final class Writer implements AutoCloseable {

    private static final String STRICT = "?fieldValidation=Strict";

    private final KubernetesClient client;
    private final String collection;
    private final String object;
    private boolean created;

    Writer(KubernetesClient client, Sample sample) {
      this.client = client;
      JsonNode metadata = sample.documents().getFirst().path("metadata");
      String namespace = metadata.path("namespace").asText();
      if (!namespace.isEmpty()) {
        client
            .resource(
                new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
            .createOr(existing -> existing.update());
      }
      this.collection =
          "/apis/%s/%s/%s%s"
              .formatted(
                  Fareway.GROUP,
                  Fareway.VERSION,
                  namespace.isEmpty() ? "" : "namespaces/" + namespace + "/",
                  PLURALS.get(sample.kind()));
      this.object = collection + "/" + metadata.path("name").asText();
    }

    void write(JsonNode document) {
      if (created) {
        client.raw(object + STRICT, "PUT", withCurrentVersion(document));
      } else {
        client.raw(collection + STRICT, "POST", document);
        created = true;
      }
      if (document.has("status")) {
        client.raw(object + "/status" + STRICT, "PUT", withCurrentVersion(document));
      }
    }

    private JsonNode withCurrentVersion(JsonNode document) {
      JsonNode current = Serialization.unmarshal(client.raw(object), JsonNode.class);
      ObjectNode result = document.deepCopy();
      result
          .withObject("/metadata")
          .set("resourceVersion", current.path("metadata").path("resourceVersion"));
      return result;
    }

    @Override
    public void close() {
      if (created) {
        client.raw(object, "DELETE", null);
      }
    }
  }
}
