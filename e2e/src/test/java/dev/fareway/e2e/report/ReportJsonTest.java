package dev.fareway.e2e.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ReportJsonTest {
  @Test
  void json_fitsItsSchema() throws IOException {
    assertEquals("", ReportSchema.complaints(new String(ReportJson.of(Results.good()), UTF_8)));
  }

  @Test
  void schema_complainsOfWhatIsMissing() throws IOException {
    ObjectNode json = (ObjectNode) new ObjectMapper().readTree(ReportJson.of(Results.good()));
    ((ObjectNode) json.path("classes").path(0).path("fareway")).remove("p99Ms");
    json.remove("seed");

    String complaints = ReportSchema.complaints(json.toString());
    assertTrue(complaints.contains("p99Ms") && complaints.contains("seed"), complaints);
  }

  @Test
  void figures_standForTheSpike_andArePhaseByPhaseBeside() throws IOException {
    JsonNode json = new ObjectMapper().readTree(ReportJson.of(Results.good()));

    JsonNode interactive = json.path("classes").path(0);
    assertEquals("interactive", interactive.path("name").asText());
    assertEquals(198, interactive.path("crowded").path("p99Ms").asDouble());
    assertEquals(100, interactive.path("crowded").path("requests").asInt());
    assertEquals(
        19.8, interactive.path("crowded").path("phases").path("before").path("p99Ms").asDouble());
    assertEquals(
        300, interactive.path("fareway").path("phases").path("whole").path("requests").asInt());
    assertTrue(json.path("classes").path(1).path("unloaded").isNull());
    assertEquals(7, json.path("seed").asInt());
    assertEquals("RealTime", json.path("enforcement").path("mode").asText());
    assertEquals(3, json.path("placements").size());
    assertTrue(json.path("verdict").path("holds").asBoolean());
  }

  @Test
  void unanswered_areCounted() throws IOException {
    JsonNode json = new ObjectMapper().readTree(ReportJson.of(Results.result(2)));

    assertEquals(2, json.path("verdict").path("errors").asInt());
    assertFalse(json.path("verdict").path("holds").asBoolean());
    JsonNode crowded = json.path("classes").path(0).path("crowded");
    assertEquals(2, crowded.path("phases").path("before").path("errors").asInt());
    assertEquals(0, crowded.path("errors").asInt());
  }
}
