package dev.fareway.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fareway.crds.NodeUsage;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The chart's roles: a request is refused for want of each right as soon as it is taken away.
 * {@link RightsOnRealApiServerTest} shows that all of them together are enough.
 */
@NullUnmarked
@NeedsRealApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
class MissedRightsOnRealApiServerTest {
  private static final String NAMESPACE = InstalledChart.NAMESPACE;

  /** What is asked for only where it can't be brought about here, and where it is shown. */
  static final Map<String, String> ELSEWHERE =
      Map.of(
          "fareway-node-daemon create pods/eviction",
          "under memory pressure with cgroup version 2: MemoryManagerOnNodeTest",
          "fareway-node-daemon create events.events.k8s.io",
          "under memory pressure with cgroup version 2: MemoryManagerOnNodeTest");

  private InstalledChart chart;
  private Work work;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    for (String artifact :
        List.of(LocalCluster.OPERATOR, LocalCluster.NODE_DAEMON, LocalCluster.ACTIVATOR)) {
      assumeTrue(
          Files.exists(InstalledChart.artifact(artifact)),
          () -> InstalledChart.artifact(artifact) + " is not built");
    }
    chart = new InstalledChart(folder, values("Services"));
    chart.bringKnative();
    work = new Work(chart);
  }

  /** All that the chart's parts can do. */
  private static Map<String, String> values(String functions) {
    return Map.of(
        "activator.enabled",
        "true",
        "activator.functions",
        functions,
        "console.service",
        "true",
        "crds.upgrade",
        "false");
  }

  @AfterEach
  void stopParts() {
    chart.stopActivator();
    chart.stopDaemon();
    chart.stopOperator();
  }

  @AfterAll
  void stop() {
    if (chart != null) {
      chart.close();
    }
  }

  /** Before Knative's functions, where it has the most: those for Knative's namespace as well. */
  @Test
  void operator_missesEachOfItsRights() throws Exception {
    serve("Knative");
    assertMissed(
        NAMESPACE,
        "fareway-operator",
        new Deprivation.Part() {
          @Override
          public void start(Set<Right> missing) throws Exception {
            forgetCertificates();
            chart.client.leases().inNamespace(NAMESPACE).delete();
            chart.launchOperator();
          }

          @Override
          public void work() throws Exception {
            for (int i = 0; i < 50 && chart.operatorRuns() && !chart.operatorIsReady(); i++) {
              TimeUnit.MILLISECONDS.sleep(100);
            }
            if (chart.operatorIsReady()) {
              if (!chart.daemonRuns()) {
                // Who is a daemon is asked when one comes.
                chart.launchDaemon();
              }
              work.round(Duration.ofSeconds(2));
            }
          }

          @Override
          public boolean isAlive() {
            return chart.operatorRuns();
          }

          @Override
          public void stop() {
            chart.stopDaemon();
            chart.stopOperator();
          }
        });
  }

  @Test
  void nodeDaemon_missesEachOfItsRights() throws Exception {
    chart.startOperator();
    assertMissed(
        NAMESPACE,
        "fareway-node-daemon",
        new Deprivation.Part() {
          @Override
          public void start(Set<Right> missing) throws Exception {
            chart.client.resources(NodeUsage.class).delete();
            chart.launchDaemon();
          }

          @Override
          public void work() throws Exception {
            work.round(Duration.ofSeconds(2));
          }

          @Override
          public boolean isAlive() {
            return chart.daemonRuns();
          }

          @Override
          public void stop() {
            chart.stopDaemon();
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"Services", "Knative"})
  void activator_missesEachOfItsRights(String functions) throws Exception {
    serve(functions);
    chart.startOperator();
    assertMissed(
        chart.activatorNamespace(),
        "fareway-activator",
        new Deprivation.Part() {
          @Override
          public void start(Set<Right> missing) throws Exception {
            chart.launchActivator();
          }

          @Override
          public void work() {
            // All that it asks for it asks for at its start.
          }

          @Override
          public boolean isAlive() {
            return chart.activatorRuns();
          }

          @Override
          public void stop() {
            chart.stopActivator();
          }
        });
  }

  @Test
  void tasks_missEachOfTheirRights() throws Exception {
    chart.startOperator();
    chart.startDaemon();
    Hooks hooks = Hooks.of(Rendered.all(chart.folder, Map.of()));
    hooks.createAccounts(chart.client);
    TaskPrograms programs =
        new TaskPrograms(
            chart.client,
            NAMESPACE,
            Files.createDirectories(chart.folder.resolve("tasks")),
            argument ->
                argument.startsWith("http://") ? chart.operatorAddress().toString() : argument,
            List.of(
                "--node-name=" + InstalledChart.NODE,
                "--cgroup-root=" + chart.node().cgroupRoot().orElse(Path.of("/none"))));
    for (String account : hooks.rights().keySet()) {
      assertMissed(
          NAMESPACE,
          account,
          new Deprivation.Part() {
            private final List<Process> processes = new ArrayList<>();

            @Override
            public void start(Set<Right> missing) throws Exception {
              switch (account) {
                case "fareway-definitions" -> {
                  if (missing.stream().anyMatch(right -> right.verb().equals("create"))) {
                    chart
                        .client
                        .resources(CustomResourceDefinition.class)
                        .withName("usagereports.fareway.dev")
                        .delete();
                  }
                }
                case "fareway-restore" ->
                    processes.add(
                        programs.startOnNode(account + "-on-node", hooks.onNodes(account)));
                default -> {}
              }
              processes.add(programs.start(account, hooks.once(account)));
            }

            @Override
            public void work() {
              // They work from their start to their end.
            }

            @Override
            public boolean isAlive() {
              return processes.stream().anyMatch(Process::isAlive);
            }

            @Override
            public void stop() throws Exception {
              for (Process process : processes) {
                process.destroy();
                assertTrue(process.waitFor(30, TimeUnit.SECONDS), account + " does not end");
              }
              processes.clear();
            }
          });
    }
    Process definitions = programs.start("fareway-definitions", hooks.once("fareway-definitions"));
    assertTrue(definitions.waitFor(60, TimeUnit.SECONDS), "the definitions are not there again");
    assertEquals(
        0,
        definitions.exitValue(),
        () -> "with all of its rights; see " + programs.log("fareway-definitions"));
  }

  private void assertMissed(String namespace, String account, Deprivation.Part part)
      throws Exception {
    Roles roles = Roles.of(chart.client, namespace, account);
    Set<Right> rights =
        roles.rights().stream()
            .filter(right -> !ELSEWHERE.containsKey(account + " " + right))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    assertTrue(!rights.isEmpty(), account + " has no role");
    assertEquals(List.of(), Right.grantedTwice(roles.rights()), account + " needs one of each");
    assertEquals(
        Set.of(),
        Deprivation.notMissed(chart.audit, roles, rights, part),
        () -> "nothing was refused to %s without these: take them out".formatted(account));
  }

  /** The activator stands before functions of this kind from now on. */
  private void serve(String functions) {
    var _ = chart.upgrade(values(functions), () -> "it has no hooks");
  }

  /** So that they are written again. */
  private void forgetCertificates() {
    String nothing = "{\"data\": null}";
    PatchContext merge = PatchContext.of(PatchType.JSON_MERGE);
    chart
        .client
        .secrets()
        .inNamespace(NAMESPACE)
        .withName("fareway-certificates")
        .patch(merge, nothing);
    for (String namespace : List.of(NAMESPACE, InstalledChart.KNATIVE)) {
      chart.client.configMaps().inNamespace(namespace).withName("fareway-ca").patch(merge, nothing);
    }
  }
}
