package dev.fareway.e2e.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.marcnuri.helm.Helm;
import dev.fareway.e2e.suite.FarewaySuite;
import dev.fareway.e2e.suite.SuiteCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;

/**
 * The suite without containers: the chart on a real API server, the packaged programs as the chart
 * has them under their own accounts, and a node that runs pods as processes of this machine.
 */
@NullUnmarked
@NeedsRealApiServer
final class LocalSuiteTest extends FarewaySuite {

  @Override
  protected SuiteCluster start(Path folder) throws Exception {
    for (String artifact : List.of(LocalCluster.OPERATOR, LocalCluster.NODE_DAEMON)) {
      assumeTrue(
          Files.exists(InstalledChart.artifact(artifact)),
          () -> InstalledChart.artifact(artifact) + " is not built");
    }
    return new Local(folder);
  }

  private static final class Local implements SuiteCluster {
    private final InstalledChart chart;
    private final Tasks tasks;

    Local(Path folder) throws Exception {
      chart = new InstalledChart(folder, Map.of());
      try {
        chart.startOperator();
        chart.startDaemon();
        List<String> onNode = new ArrayList<>();
        chart
            .node()
            .cgroupRoot()
            .ifPresent(
                root -> {
                  onNode.add("--node-name=" + InstalledChart.NODE);
                  onNode.add("--cgroup-root=" + root);
                });
        tasks =
            new Tasks(
                chart.client,
                FAREWAY_NAMESPACE,
                Files.createDirectories(folder.resolve("tasks")),
                argument -> argument,
                onNode);
      } catch (Exception | AssertionError e) {
        chart.close();
        throw e;
      }
    }

    @Override
    public String name() {
      return "this machine's node";
    }

    @Override
    public KubernetesClient client() {
      return chart.client;
    }

    @Override
    public Duration patience() {
      return Duration.ofSeconds(60);
    }

    @Override
    public Pod function(String namespace, String name, String script) {
      Pod pod = Pods.shell(name, script);
      pod.getMetadata().setNamespace(namespace);
      // As users write it: admission names the scheduler.
      pod.getSpec().setSchedulerName(null);
      return pod;
    }

    @Override
    public String onNode(String node, String script) throws Exception {
      Process process =
          new ProcessBuilder("sh", "-c", script)
              .redirectErrorStream(true)
              .redirectOutput(chart.folder.resolve("on-node.txt").toFile())
              .start();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return Files.readString(chart.folder.resolve("on-node.txt"));
    }

    @Override
    public Optional<String> noSwap() {
      return Optional.of(
          "memory of processes of this machine is not to be pushed out; MemoryManagerOnNodeTest does it on a node of its own");
    }

    /** The daemon ends as in a rolling update, and the next one takes over. */
    @Override
    public void upgrade(Map<String, String> values) throws Exception {
      var _ = chart.upgrade(values, tasks::told);
      chart.stopDaemon();
      chart.stopOperator();
      chart.startOperator();
      chart.startDaemon();
    }

    @Override
    public void failOver() throws Exception {
      chart.startSecondOperator();
      chart.killOperator();
    }

    @Override
    public void uninstallAfterACrash() throws Exception {
      chart.killDaemon();
      chart.stopOperator();
      String removed =
          Bounded.helm(
              "helm uninstall",
              tasks::told,
              Helm.uninstall("fareway")
                      .withNamespace(FAREWAY_NAMESPACE)
                      .withKubeConfig(chart.kubeconfig)
                  ::call);
      if (!removed.contains("uninstalled")) {
        throw new AssertionError(removed);
      }
    }

    @Override
    public void close() {
      tasks.close();
      chart.close();
    }
  }
}
