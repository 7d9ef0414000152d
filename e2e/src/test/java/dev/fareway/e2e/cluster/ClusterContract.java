package dev.fareway.e2e.cluster;

import static dev.fareway.e2e.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.e2e.runner.ProcessRunner;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The whole of Fareway on one node: the processes that users run, started from their packages. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class ClusterContract {

  private static final String NODE = "node-a";
  private static final String SLEEP = "exec sleep 600";
  private static final int SCHED_FIFO = 1;
  private static final List<String> PRICES =
      List.of("interactive 2u", "standard 1500n", "batch 500n");

  private @Nullable LocalCluster cluster;
  private @Nullable ProcessRunner node;

  abstract ApiServerKind kind();

  @BeforeAll
  void start(@TempDir Path folder) {
    Path home = LocalClusterOptions.in(folder).home();
    for (String artifact : List.of(LocalCluster.OPERATOR, LocalCluster.NODE_DAEMON)) {
      assumeTrue(
          Files.exists(home.resolve(artifact)), () -> home.resolve(artifact) + " is not built");
    }
    cluster = LocalCluster.start(LocalClusterOptions.in(folder).withApiServer(kind()));
    for (String line : PRICES) {
      String[] words = line.split(" ", -1);
      cluster
          .client()
          .resource(
              Serialization.unmarshal(
                  """
                  apiVersion: fareway.dev/v1alpha1
                  kind: PriceClass
                  metadata: {name: %s}
                  spec: {pricePerCpuSecond: %s}
                  """
                      .formatted(words[0], words[1]),
                  PriceClass.class))
          .create();
    }
    cluster.startOperator();
    node = cluster.startNode(NODE);
    cluster.startNodeDaemon(NODE, NodeDaemonMode.AUTO, false);
  }

  @AfterAll
  void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private LocalCluster cluster() {
    return Objects.requireNonNull(cluster);
  }

  private ProcessRunner node() {
    return Objects.requireNonNull(node);
  }

  private KubernetesClient client() {
    return cluster().client();
  }

  private Pod create(String name, String priceClass) {
    Pod pod = Pods.shell(name, SLEEP);
    pod.getMetadata().setAnnotations(Map.of(Fareway.PRICE_CLASS, priceClass));
    return client().resource(pod).create();
  }

  private Pod current(Pod pod) {
    return Objects.requireNonNull(client().resource(pod).get());
  }

  private void awaitRunning(Pod pod) throws Exception {
    eventually(
        () -> pod.getMetadata().getName() + " runs, but: " + current(pod).getStatus(),
        () -> "Running".equals(current(pod).getStatus().getPhase()));
  }

  private PriceClass priceClass(String name) {
    return Objects.requireNonNull(client().resources(PriceClass.class).withName(name).get());
  }

  /** Real-time priority and policy of a process, as the kernel says. */
  private static List<Integer> scheduling(long pid) throws Exception {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    // The name, field 2, may have spaces; what follows it begins with field 3.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return List.of(Integer.parseInt(fields[40 - 3]), Integer.parseInt(fields[41 - 3]));
  }

  private long pid(Pod pod) {
    return Objects.requireNonNull(node().processes(pod).get("main"));
  }

  private NodeCondition enforcement() throws Exception {
    List<NodeCondition> found = new ArrayList<>();
    eventually(
        "the node daemon says what is in force",
        () -> {
          client().nodes().withName(NODE).get().getStatus().getConditions().stream()
              .filter(condition -> condition.getType().equals("FarewayEnforcement"))
              .forEach(found::add);
          return !found.isEmpty();
        });
    return found.getFirst();
  }

  @Test
  void priceClasses_areRankedByPrice() throws Exception {
    eventually("all are ranked", () -> PRICES.stream().allMatch(line -> hasRank(line)));

    assertEquals(2, priceClass("interactive").getStatus().rank());
    assertEquals(1, priceClass("standard").getStatus().rank());
    assertEquals(0, priceClass("batch").getStatus().rank());
  }

  private boolean hasRank(String line) {
    var status = priceClass(line.split(" ", -1)[0]).getStatus();
    return status != null && status.rank() != null;
  }

  @Test
  void pods_arePlacedByTheOperator_andRun() throws Exception {
    List<Pod> pods = new ArrayList<>();
    for (String line : PRICES) {
      String priceClass = line.split(" ", -1)[0];
      pods.add(create("placed-" + priceClass, priceClass));
    }

    for (Pod pod : pods) {
      awaitRunning(pod);
      assertEquals(NODE, current(pod).getSpec().getNodeName());
    }
  }

  @Test
  void podsOfDearClass_runRealTime_asLongAsTheNodeDaemonRuns() throws Exception {
    NodeCondition enforcement = enforcement();
    assumeTrue(
        "RealTime".equals(enforcement.getReason()),
        () -> "no real time here: " + enforcement.getReason() + ": " + enforcement.getMessage());
    Pod dear = create("enforced-interactive", "interactive");
    Pod cheap = create("enforced-batch", "batch");
    awaitRunning(dear);
    awaitRunning(cheap);
    Integer priority = priceClass("interactive").getStatus().realtimePriority();
    assertNotNull(priority);

    eventually(
        "the dear one is real-time",
        () -> scheduling(pid(dear)).equals(List.of(priority, SCHED_FIFO)));
    assertEquals(0, scheduling(pid(cheap)).getFirst());

    cluster().stopNodeDaemon();
    try {
      assertEquals(List.of(0, 0), scheduling(pid(dear)));
    } finally {
      cluster().startNodeDaemon(NODE, NodeDaemonMode.AUTO, false);
    }
    eventually(
        "the dear one is real-time again",
        () -> scheduling(pid(dear)).equals(List.of(priority, SCHED_FIFO)));
  }

  @Test
  void podOfUnknownClass_isToldTheKnownOnes() throws Exception {
    Pod pod = create("unknown-class", "golden");

    eventually("its condition says so", () -> unschedulable(pod).isPresent());
    String message = unschedulable(pod).orElseThrow().getMessage();
    for (String word : List.of("golden", "interactive", "standard", "batch")) {
      assertTrue(message.contains(word), () -> "'" + word + "' is not in: " + message);
    }
    eventually(
        "an event says so",
        () ->
            client().events().v1().events().inNamespace(Pods.NAMESPACE).list().getItems().stream()
                .anyMatch(
                    event ->
                        event.getRegarding() != null
                            && "unknown-class".equals(event.getRegarding().getName())
                            && event.getNote().contains("standard")));
  }

  private Optional<PodCondition> unschedulable(Pod pod) {
    return current(pod).getStatus().getConditions().stream()
        .filter(condition -> condition.getType().equals("PodScheduled"))
        .filter(condition -> condition.getStatus().equals("False"))
        .findFirst();
  }

  @Test
  void restartOfTheOperator_losesNoPod() throws Exception {
    Pod before = create("restart-before", "standard");
    awaitRunning(before);
    cluster().stopOperator();
    Pod between = create("restart-between", "interactive");

    cluster().startOperator();
    Pod after = create("restart-after", "batch");

    awaitRunning(between);
    awaitRunning(after);
    assertEquals("Running", current(before).getStatus().getPhase());
    assertEquals(
        0, current(before).getStatus().getContainerStatuses().getFirst().getRestartCount());
  }

  @Test
  void close_leavesNoProcessOrCgroup(@TempDir Path folder) throws Exception {
    LocalCluster second =
        LocalCluster.start(LocalClusterOptions.in(folder).withApiServer(kind()).withShards(1));
    List<ProcessHandle> processes = new ArrayList<>();
    ProcessRunner runner;
    try (second) {
      second.startOperator();
      runner = second.startNode("node-b");
      second.startNodeDaemon("node-b", NodeDaemonMode.OFF, false);
      second.operatorProcess().ifPresent(processes::add);
      second.nodeDaemonProcess().ifPresent(processes::add);
      Pod pod = second.client().resource(Pods.shell("left", SLEEP)).create();
      Pods.bind(second.client(), pod, "node-b");
      eventually("the pod's process runs", () -> !runner.processes(pod).isEmpty());
      runner
          .processes(pod)
          .values()
          .forEach(pid -> ProcessHandle.of(pid).ifPresent(processes::add));
    }

    assertEquals(3, processes.size());
    assertTrue(processes.stream().noneMatch(ProcessHandle::isAlive));
    assertTrue(runner.cgroupRoot().map(root -> !Files.exists(root)).orElse(true));
  }
}
