package dev.fareway.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The chart's roles: all parts do their work under them, and every right in them is asked for.
 * {@link MissedRightsOnRealApiServerTest} takes them away.
 */
@NullUnmarked
@NeedsRealApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RightsOnRealApiServerTest {
  private static final String NAMESPACE = InstalledChart.NAMESPACE;

  /** Asked of the authorizer within a patch that makes the object, so that no request shows it. */
  private static final Set<String> WITHIN_A_PATCH =
      Set.of("fareway-node-daemon create nodeusages.fareway.dev");

  private static final List<String> COMPONENTS =
      List.of("fareway-operator", "fareway-node-daemon", "fareway-activator");

  /** With these every part is there, and none without any of what it can do. */
  private static final Map<String, String> VALUES =
      Map.of("activator.enabled", "true", "console.service", "true");

  private InstalledChart chart;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    for (String artifact : List.of(LocalCluster.OPERATOR, LocalCluster.NODE_DAEMON)) {
      assumeTrue(
          Files.exists(InstalledChart.artifact(artifact)),
          () -> InstalledChart.artifact(artifact) + " is not built");
    }
    chart = new InstalledChart(folder, VALUES);
  }

  @AfterAll
  void stop() {
    if (chart != null) {
      chart.close();
    }
  }

  @Test
  @Order(0)
  @Timeout(300)
  void everyPart_worksUnderItsOwnAccount_andAsksForAllThatItMay() throws Exception {
    chart.startOperator();
    chart.startDaemon();
    chart.startActivator();
    var work = new Work(chart);
    work.round(Duration.ofSeconds(30));
    work.awaitDone();

    assertAllAskedFor();
  }

  private void assertAllAskedFor() throws Exception {
    Map<String, Set<Right>> missing = unused();
    // Some of it comes about a moment later.
    for (int i = 0; i < 100 && !missing.isEmpty(); i++) {
      TimeUnit.MILLISECONDS.sleep(200);
      missing = unused();
    }
    assertEquals(List.of(), refused());
    assertEquals(Map.of(), missing, "granted, and not asked for: take it out of the role");
  }

  /**
   * What dashboards and alerts ask for, from what the parts really say; what comes of failures
   * alone is not there yet.
   */
  @Test
  @Order(1)
  void metricsOfDashboardsAndAlerts_areExported() throws Exception {
    Set<String> asked = new TreeSet<>();
    String all = Files.readString(Rendered.CHART.resolve("templates/prometheusrule.yaml"));
    try (var files = Files.list(Rendered.CHART.resolve("dashboards"))) {
      for (Path file : files.toList()) {
        all += Files.readString(file);
      }
    }
    var names = java.util.regex.Pattern.compile("fareway_[a-z_]+[a-z]").matcher(all);
    while (names.find()) {
      asked.add(names.group());
    }
    // No request came.
    asked.removeIf(
        name ->
            name.startsWith("fareway_activator_wait")
                || (chart.node().cgroupRoot().isEmpty() && name.startsWith("fareway_node_")));
    // What is told of functions comes with the daemon's next look at them.
    Set<String> exported = exported();
    for (int i = 0; i < 100 && !exported.containsAll(asked); i++) {
      TimeUnit.MILLISECONDS.sleep(200);
      exported = exported();
    }
    asked.removeAll(exported);
    assertEquals(Set.of(), asked, "exported are " + exported);
  }

  private Set<String> exported() throws Exception {
    Set<String> exported = new TreeSet<>();
    exported.addAll(InstalledChart.metrics(chart.operatorAddress().resolve("/q/metrics")));
    exported.addAll(InstalledChart.metrics(chart.daemonAddress().resolve("/metrics")));
    exported.addAll(InstalledChart.metrics(chart.activatorMetrics().resolve("/metrics")));
    return exported;
  }

  /** The chart's test and its hooks, under their own accounts. */
  @Test
  @Order(2)
  @Timeout(300)
  void tasks_workUnderTheirOwnAccounts_andAskForAllThatTheyMay() throws Exception {
    chart.await(
        "the node says what is enforced",
        () ->
            chart
                .client
                .nodes()
                .withName(InstalledChart.NODE)
                .get()
                .getStatus()
                .getConditions()
                .stream()
                .anyMatch(condition -> condition.getType().equals("FarewayEnforcement")));
    Path tasks = Files.createDirectories(chart.folder.resolve("tasks"));
    List<String> onNode =
        List.of(
            "--node-name=" + InstalledChart.NODE,
            "--cgroup-root=" + chart.node().cgroupRoot().orElse(Path.of("/none")));
    try (var runner =
        new Tasks(
            chart.client,
            NAMESPACE,
            tasks,
            argument ->
                argument.startsWith("http://") ? chart.operatorAddress().toString() : argument,
            chart.node().cgroupRoot().isPresent() ? onNode : List.of())) {
      String tested =
          String.valueOf(
              Bounded.helm(
                      "helm test",
                      runner::told,
                      Helm.test("fareway").withNamespace(NAMESPACE).withKubeConfig(chart.kubeconfig)
                          ::call)
                  .getStatus());
      assertEquals("deployed", tested, runner.output("fareway-check"));
      String said = runner.output("fareway-check");
      for (String line :
          List.of(
              "ok      the operator is ready",
              "ok      price classes are ranked",
              "ok      nodes say what they enforce",
              "ok      admission knows a function")) {
        assertTrue(said.contains(line), said);
      }

      // Once with all definitions there, and once with one to be made.
      var _ = chart.upgrade(VALUES, runner::told);
      chart.stopDaemon();
      chart
          .client
          .resources(CustomResourceDefinition.class)
          .withName("usagereports.fareway.dev")
          .delete();
      var withoutDaemon = new HashMap<>(VALUES);
      withoutDaemon.put("nodeDaemon.enabled", "false");
      var _ = chart.upgrade(withoutDaemon, runner::told);
      String restored = runner.output("fareway-restore");
      assertTrue(restored.contains("nodes are as they were"), restored);
      if (chart.node().cgroupRoot().isPresent()) {
        assertTrue(
            runner.output("fareway-restore-on-node").contains("All is as it was before Fareway"),
            runner.output("fareway-restore-on-node"));
        assertTrue(
            chart
                .client
                .nodes()
                .withName(InstalledChart.NODE)
                .get()
                .getStatus()
                .getConditions()
                .stream()
                .noneMatch(condition -> condition.getType().equals("FarewayEnforcement")));
      }
    }
    assertEquals(List.of(), refused());
    List<Audit.Entry> asked = chart.audit.all();
    boolean hasNode = chart.node().cgroupRoot().isPresent();
    for (var task : Hooks.of(Rendered.all(chart.folder, Map.of())).rights().entrySet()) {
      String account = NAMESPACE + ":" + task.getKey();
      List<Right> unasked =
          task.getValue().stream().filter(right -> isUnasked(asked, account, right)).toList();
      assertTrue(
          unasked.isEmpty() || (!hasNode && task.getKey().equals("fareway-restore")),
          () -> task.getKey() + " may " + unasked + " and does not ask for it");
    }
  }

  /** Last: an operator of before would go on to write for Knative's namespace. */
  @Test
  @Order(3)
  @Timeout(300)
  void partsBeforeKnative_workUnderTheirOwnAccounts_andAskForAllThatTheyMay() throws Exception {
    chart.stopActivator();
    chart.stopOperator();
    chart.bringKnative();
    var values = new HashMap<>(VALUES);
    values.putAll(Map.of("activator.functions", "Knative", "crds.upgrade", "false"));
    var _ = chart.upgrade(values, () -> "it has no hooks");

    chart.startOperator();
    // It is not ready without Knative's autoscaler.
    chart.launchActivator();

    assertAllAskedFor();
  }

  private List<Audit.Entry> refused() throws Exception {
    return chart.audit.all().stream().filter(Audit.Entry::isRefused).distinct().toList();
  }

  private Map<String, Set<Right>> unused() throws Exception {
    List<Audit.Entry> asked = chart.audit.all();
    Map<String, Set<Right>> unused = new TreeMap<>();
    for (String component : COMPONENTS) {
      Roles roles =
          Roles.of(
              chart.client,
              component.equals("fareway-activator") ? chart.activatorNamespace() : NAMESPACE,
              component);
      for (Right right : roles.rights()) {
        String named = component + " " + right;
        if (!MissedRightsOnRealApiServerTest.ELSEWHERE.containsKey(named)
            && !WITHIN_A_PATCH.contains(named)
            && isUnasked(asked, roles.account(), right)) {
          unused.computeIfAbsent(component, _ -> new LinkedHashSet<>()).add(right);
        }
      }
    }
    return unused;
  }

  private static boolean isUnasked(List<Audit.Entry> asked, String account, Right right) {
    return asked.stream()
        .noneMatch(entry -> entry.account().equals(account) && right.isAskedForBy(entry));
  }
}
