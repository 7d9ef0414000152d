package dev.fareway.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the chart gives to Prometheus and Grafana. */
class MonitoringTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern METRIC = Pattern.compile("fareway_[a-z_]+");
  private static final Map<String, Object> ALL =
      Map.of(
          "serviceMonitor.enabled", "true",
          "prometheusRule.enabled", "true",
          "dashboards.enabled", "true",
          "activator.enabled", "true",
          "activator.tokenKeysSecret", "keys");

  private static List<HasMetadata> rendered() {
    return Chart.objects(Chart.template(ALL));
  }

  private static List<JsonNode> dashboards() throws IOException {
    List<JsonNode> dashboards = new ArrayList<>();
    for (HasMetadata object : rendered()) {
      if (object instanceof ConfigMap map
          && "1".equals(map.getMetadata().getLabels().get("grafana_dashboard"))) {
        for (String json : map.getData().values()) {
          dashboards.add(JSON.readTree(json));
        }
      }
    }
    return dashboards;
  }

  private static List<JsonNode> rules() {
    return rendered().stream()
        .filter(object -> object.getKind().equals("PrometheusRule"))
        .map(object -> JSON.<JsonNode>valueToTree(((GenericKubernetesResource) object).get("spec")))
        .toList();
  }

  private static Set<String> metricsIn(JsonNode expressions) {
    Set<String> names = new TreeSet<>();
    for (String field : List.of("expr", "query")) {
      for (JsonNode expression : expressions.findValues(field)) {
        Matcher matcher = METRIC.matcher(expression.asText());
        while (matcher.find()) {
          names.add(matcher.group());
        }
      }
    }
    return names;
  }

  @Test
  void dashboards_askForNothingThatNoComponentExports() throws Exception {
    Set<String> exported = ExportedMetrics.all();
    assertEquals(4, dashboards().size());
    for (JsonNode dashboard : dashboards()) {
      Set<String> used = metricsIn(dashboard);
      assertFalse(used.isEmpty());
      used.removeAll(exported);
      assertEquals(
          Set.of(),
          used,
          () -> dashboard.path("title") + " asks for these; exported are " + exported);
    }
  }

  @Test
  void rules_askForNothingThatNoComponentExports() throws Exception {
    Set<String> exported = ExportedMetrics.all();
    assertEquals(1, rules().size());
    Set<String> used = metricsIn(rules().getFirst());
    assertTrue(used.size() > 8, used::toString);
    used.removeAll(exported);
    assertEquals(Set.of(), used, () -> "exported are " + exported);
  }

  @Test
  void exportedMetrics_areFoundInTheCode_ofEveryComponentAndKind() throws Exception {
    Set<String> exported = ExportedMetrics.all();
    for (String name :
        List.of(
            "fareway_queue_length",
            "fareway_placements_total",
            "fareway_placement_wait_seconds_bucket",
            "fareway_admission_seconds_count",
            "fareway_budget_state",
            "fareway_node_function_pods",
            "fareway_function_cost_total",
            "fareway_activator_wait_seconds_bucket")) {
      assertTrue(exported.contains(name), () -> name + " is not among " + exported);
    }
    // A timer without buckets has none.
    assertFalse(exported.contains("fareway_admission_seconds_bucket"));
  }

  @Test
  void alerts_haveASeverity_aSummary_andNamesOfTheirOwn() {
    Set<String> names = new HashSet<>();
    for (JsonNode group : rules().getFirst().path("groups")) {
      for (JsonNode rule : group.path("rules")) {
        String name = rule.path("alert").asText();
        assertTrue(name.startsWith("Fareway") && names.add(name), name);
        assertTrue(
            Set.of("critical", "warning", "info").contains(rule.at("/labels/severity").asText()),
            name);
        assertFalse(rule.at("/annotations/summary").asText().isEmpty(), name);
      }
    }
  }

  @Test
  void panels_haveADescription_anId_andDoNotOverlap() throws Exception {
    for (JsonNode dashboard : dashboards()) {
      Set<Integer> ids = new HashSet<>();
      Set<String> cells = new HashSet<>();
      for (JsonNode panel : dashboard.path("panels")) {
        String title = dashboard.path("title").asText() + "/" + panel.path("title").asText();
        assertTrue(ids.add(panel.path("id").asInt()), title);
        assertFalse(panel.path("description").asText().isEmpty(), title);
        JsonNode at = panel.path("gridPos");
        assertTrue(at.path("x").asInt() + at.path("w").asInt() <= 24, title);
        for (int x = at.path("x").asInt(); x < at.path("x").asInt() + at.path("w").asInt(); x++) {
          for (int y = at.path("y").asInt(); y < at.path("y").asInt() + at.path("h").asInt(); y++) {
            assertTrue(cells.add(x + "," + y), title);
          }
        }
      }
    }
  }

  /** A monitor finds a Service by its labels, and the Service has the port. */
  @Test
  void monitors_findAServiceOfEachComponent() {
    List<Service> services =
        rendered().stream().filter(Service.class::isInstance).map(Service.class::cast).toList();
    Set<String> components = new TreeSet<>();
    for (HasMetadata object : rendered()) {
      if (!object.getKind().equals("ServiceMonitor")) {
        continue;
      }
      JsonNode spec = JSON.valueToTree(((GenericKubernetesResource) object).get("spec"));
      Map<String, String> selector =
          JSON.convertValue(
              spec.at("/selector/matchLabels"),
              new com.fasterxml.jackson.core.type.TypeReference<>() {});
      String port = spec.at("/endpoints/0/port").asText();
      components.add(selector.get("app.kubernetes.io/component"));
      assertEquals(
          1,
          services.stream()
              .filter(
                  service ->
                      service.getMetadata().getLabels().entrySet().containsAll(selector.entrySet()))
              .filter(
                  service ->
                      service.getSpec().getPorts().stream()
                          .anyMatch(of -> of.getName().equals(port)))
              .count(),
          () -> object.getMetadata().getName() + " " + selector + " " + port);
    }
    assertEquals(Set.of("activator", "node-daemon", "operator"), components);
  }
}
