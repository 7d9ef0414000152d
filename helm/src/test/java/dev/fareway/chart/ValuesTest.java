package dev.fareway.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The values, their schema and the table of them in the README say the same. */
class ValuesTest {
  private static final Path README = Chart.FOLDER.resolve("README.md");
  private static final String BEGIN = "<!-- values: written by ValuesTest -->\n";
  private static final String END = "<!-- end of values -->\n";

  private static JsonNode schema() throws IOException {
    return new ObjectMapper().readTree(Chart.FOLDER.resolve("values.schema.json").toFile());
  }

  private static JsonNode values() throws IOException {
    return new YAMLMapper().readTree(Chart.FOLDER.resolve("values.yaml").toFile());
  }

  @Test
  void everyValue_isDescribed() throws Exception {
    described("", schema());
  }

  private static void described(String path, JsonNode schema) {
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              String at = path + "." + property.getKey();
              String description = property.getValue().path("description").asText();
              assertTrue(
                  description.endsWith("."), () -> at + " has no description: " + description);
              described(at, property.getValue());
            });
    for (String nested : new String[] {"items", "additionalProperties"}) {
      if (schema.path(nested).isObject()) {
        described(path + "." + nested, schema.path(nested));
      }
    }
    schema.path("oneOf").forEach(one -> described(path, one));
  }

  /** Else a mistyped one would be taken in silence. */
  @Test
  void objects_takeNoValueThatTheSchemaDoesNotName_butThoseOfKubernetes() throws Exception {
    closed("", schema());
  }

  private static void closed(String path, JsonNode schema) {
    if (schema.has("properties") && !path.endsWith("pullSecrets.items")) {
      assertEquals("false", schema.path("additionalProperties").asText(), path);
    }
    schema
        .path("properties")
        .properties()
        .forEach(property -> closed(path + "." + property.getKey(), property.getValue()));
  }

  @Test
  void everyValueOfTheChart_isInTheSchema_andTheOtherWayRound() throws Exception {
    covered("", values(), schema());
  }

  private static void covered(String path, JsonNode value, JsonNode schema) {
    if (!schema.has("properties")) {
      return;
    }
    value
        .properties()
        .forEach(
            property -> {
              String at = path + "." + property.getKey();
              assertTrue(schema.path("properties").has(property.getKey()), at);
              covered(at, property.getValue(), schema.path("properties").path(property.getKey()));
            });
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              // Set by hand only.
              if (!path.isEmpty() || !property.getKey().matches("global|.*Override")) {
                assertTrue(value.has(property.getKey()), () -> path + "." + property.getKey());
              }
            });
  }

  @Test
  void tableOfTheReadme_isThatOfTheSchema() throws Exception {
    String readme = Files.readString(README);
    int begin = readme.indexOf(BEGIN) + BEGIN.length();
    int end = readme.indexOf(END);
    assertTrue(begin >= BEGIN.length() && end >= begin, "the README has no place for the table");
    String now = readme.substring(0, begin) + table() + readme.substring(end);
    if (ChartTest.WRITE) {
      Files.writeString(README, now);
    }
    assertEquals(now, Files.readString(README), ChartTest.HOW);
  }

  private static String table() throws IOException {
    Map<String, String[]> rows = new TreeMap<>();
    rows(rows, "", schema(), values());
    var out = new StringBuilder("| value | default | what it is |\n|---|---|---|\n");
    rows.forEach(
        (name, row) ->
            out.append("| `%s` | %s | %s |\n".formatted(name, row[0], row[1].replace("|", "\\|"))));
    return out.toString();
  }

  private static void rows(Map<String, String[]> rows, String path, JsonNode schema, JsonNode value)
      throws IOException {
    for (var property : schema.path("properties").properties()) {
      String at = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
      JsonNode of = property.getValue();
      if (of.has("properties")) {
        rows(rows, at, of, value.path(property.getKey()));
      } else {
        rows.put(
            at,
            new String[] {
              shown(at, value.path(property.getKey())), of.path("description").asText()
            });
      }
    }
  }

  private static String shown(String at, JsonNode value) {
    if (at.equals("priceClasses")) {
      return "three; see `values.yaml`";
    }
    assertFalse(value.toString().contains("`"), at);
    return value.isMissingNode() ? "" : "`" + value + "`";
  }
}
