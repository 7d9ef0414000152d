package dev.fareway.crds.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fareway.crds.Budget;
import dev.fareway.crds.Manifests;
import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.UsageReport;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sample is judged by the checked-in definitions as its folder and header say. */
class SamplesTest {

  /** What a kind is checked by and read as. */
  private record Kind(DefinitionCheck check, Class<? extends CustomResource<?, ?>> type) {}

  private static final Map<String, Kind> KINDS =
      Map.of(
          "PriceClass", new Kind(DefinitionCheck.of(Manifests.priceClass()), PriceClass.class),
          "Budget", new Kind(DefinitionCheck.of(Manifests.budget()), Budget.class),
          "NodeUsage", new Kind(DefinitionCheck.of(Manifests.nodeUsage()), NodeUsage.class),
          "UsageReport", new Kind(DefinitionCheck.of(Manifests.usageReport()), UsageReport.class));

  @ParameterizedTest
  @MethodSource("dev.fareway.crds.validation.Samples#valid")
  void validSample_isAccepted(Sample sample) {
    assertAccepted(sample, sample.documents());
  }

  @ParameterizedTest
  @MethodSource("dev.fareway.crds.validation.Samples#invalid")
  void invalidSample_isRefusedByNamingTheField(Sample sample) {
    // given
    var refusal = sample.refusal().orElseThrow();
    int last = sample.documents().size() - 1;
    List<JsonNode> accepted = sample.documents().subList(0, last);
    assertAccepted(sample, accepted);

    // when
    List<Violation> violations =
        kindOf(sample)
            .check()
            .violations(sample.documents().get(last), last == 0 ? null : accepted.getLast());

    // then
    assertTrue(
        violations.stream().anyMatch(refusal::isToldBy),
        () -> "expected " + refusal + ", got " + violations);
  }

  /** What the schema fills in and what the Java types fill in must not drift apart. */
  @ParameterizedTest
  @MethodSource("dev.fareway.crds.validation.Samples#valid")
  void validSample_meansTheSameToTheSchemaAndToTheTypes(Sample sample) {
    for (JsonNode document : sample.documents()) {
      // given
      Kind kind = kindOf(sample);
      JsonNode expected = comparable(kind.check().withDefaults(document));

      // when
      var read = Serialization.unmarshal(document.toString(), kind.type());
      JsonNode written = Serialization.unmarshal(Serialization.asJson(read), JsonNode.class);

      // then
      assertEquals(List.of(), kind.check().violations(written, null));
      assertEquals(expected.path("spec"), comparable(written).path("spec"));
    }
  }

  @Test
  void samples_areOfManyKinds() {
    assertTrue(count(Samples.invalid(), "PriceClass") >= 12);
    assertTrue(count(Samples.invalid(), "Budget") >= 12);
    assertTrue(KINDS.keySet().stream().allMatch(kind -> count(Samples.valid(), kind) >= 1));
  }

  private static void assertAccepted(Sample sample, List<JsonNode> documents) {
    JsonNode before = null;
    for (JsonNode document : documents) {
      assertEquals(List.of(), violations(sample, document, before));
      before = document;
    }
  }

  private static List<Violation> violations(
      Sample sample, JsonNode document, @Nullable JsonNode before) {
    return kindOf(sample).check().violations(document, before);
  }

  private static Kind kindOf(Sample sample) {
    Kind kind = KINDS.get(sample.kind());
    if (kind == null) {
      throw new IllegalStateException(sample + " is of unknown kind " + sample.kind());
    }
    return kind;
  }

  private static long count(List<Sample> samples, String kind) {
    return samples.stream().filter(sample -> sample.kind().equals(kind)).count();
  }

  /** A quantity may be written as a number or as text; the types write text. */
  private static JsonNode comparable(JsonNode object) {
    JsonNode copy = object.deepCopy();
    if (copy.path("spec") instanceof ObjectNode spec) {
      for (String field : List.of("pricePerCpuSecond", "monthlyLimit")) {
        if (spec.has(field)) {
          spec.put(field, spec.path(field).asText());
        }
      }
    }
    return copy;
  }
}
