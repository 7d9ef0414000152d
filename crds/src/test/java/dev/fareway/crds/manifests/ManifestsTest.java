package dev.fareway.crds.manifests;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map.Entry;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The checked-in manifests are what the Java types say. With {@code -Dfareway.manifests=write} they
 * are written anew first.
 */
class ManifestsTest {

  private static final Path FOLDER = Path.of("manifests");

  @BeforeAll
  static void writeWhenAsked() throws IOException {
    if ("write".equals(System.getProperty("fareway.manifests"))) {
      Files.createDirectories(FOLDER);
      for (Entry<String, String> manifest : ManifestGenerator.generate().entrySet()) {
        Files.writeString(FOLDER.resolve(manifest.getKey()), manifest.getValue());
      }
    }
  }

  @Test
  void manifests_areUpToDate() throws IOException {
    // given
    SortedMap<String, String> expected = ManifestGenerator.generate();

    // when
    var checkedIn = new TreeMap<String, String>();
    try (var files = Files.list(FOLDER)) {
      for (Path file : files.toList()) {
        checkedIn.put(file.getFileName().toString(), Files.readString(file));
      }
    }

    // then
    assertEquals(
        expected,
        checkedIn,
        "crds/manifests is stale; to write it anew:"
            + " mvn -Dquick -pl crds test -Dtest=ManifestsTest -Dfareway.manifests=write");
  }

  @ParameterizedTest
  @MethodSource("definitions")
  void everyField_hasADescription(CustomResourceDefinition definition) {
    var without = new ArrayList<String>();
    collectWithoutDescription("", schemaOf(definition), without);
    assertEquals(List.of(), without);
  }

  @ParameterizedTest
  @MethodSource("definitions")
  void definition_servesTheStatusApartFromTheSpec(CustomResourceDefinition definition) {
    var version = definition.getSpec().getVersions().getFirst();
    assertAll(
        () -> assertNotNull(version.getSubresources().getStatus()),
        () -> assertEquals(List.of("spec"), schemaOf(definition).getRequired()),
        () -> assertEquals(List.of("fareway"), definition.getSpec().getNames().getCategories()));
  }

  @Test
  void priceClass_showsWhatMattersInATable() {
    CustomResourceDefinition definition = definition("priceclasses");
    assertAll(
        () ->
            assertEquals(
                List.of(
                    "Price",
                    "Default",
                    "Rank",
                    "Policy",
                    "Functions",
                    "Instances",
                    "Queued",
                    "Age"),
                columns(definition)),
        () -> assertEquals("Cluster", definition.getSpec().getScope()),
        () -> assertTrue(definition.getSpec().getNames().getShortNames().contains("pc")));
  }

  @Test
  void budget_showsWhatMattersInATable() {
    CustomResourceDefinition definition = definition("budgets");
    assertAll(
        () ->
            assertEquals(
                List.of("Limit", "Spent", "Forecast", "State", "Age"), columns(definition)),
        () -> assertEquals("Namespaced", definition.getSpec().getScope()),
        () -> assertEquals(List.of("bud"), definition.getSpec().getNames().getShortNames()));
  }

  static List<CustomResourceDefinition> definitions() {
    return ManifestGenerator.generate().values().stream()
        .map(yaml -> Serialization.unmarshal(yaml, CustomResourceDefinition.class))
        .toList();
  }

  private static CustomResourceDefinition definition(String plural) {
    return definitions().stream()
        .filter(definition -> definition.getSpec().getNames().getPlural().equals(plural))
        .findFirst()
        .orElseThrow();
  }

  private static JSONSchemaProps schemaOf(CustomResourceDefinition definition) {
    return definition.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
  }

  private static List<String> columns(CustomResourceDefinition definition) {
    return definition.getSpec().getVersions().getFirst().getAdditionalPrinterColumns().stream()
        .map(CustomResourceColumnDefinition::getName)
        .toList();
  }

  private static void collectWithoutDescription(
      String path, JSONSchemaProps schema, List<String> without) {
    if (schema.getDescription() == null || schema.getDescription().isBlank()) {
      without.add(path);
    }
    Refinement.properties(schema)
        .forEach((name, field) -> collectWithoutDescription(path + "." + name, field, without));
    if (schema.getItems() != null) {
      Refinement.properties(Refinement.itemsOf(schema))
          .forEach((name, field) -> collectWithoutDescription(path + "[]." + name, field, without));
    }
  }
}
