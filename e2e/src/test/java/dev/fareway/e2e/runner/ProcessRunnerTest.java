package dev.fareway.e2e.runner;

import static dev.fareway.e2e.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fareway.e2e.cluster.ApiServerKind;
import dev.fareway.e2e.cluster.LocalCluster;
import dev.fareway.e2e.cluster.LocalClusterOptions;
import dev.fareway.e2e.cluster.Pods;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods of a node on this machine, with the mock API server. */
final class ProcessRunnerTest {

  private static final String NODE = "here";

  @TempDir private Path folder;
  private LocalCluster cluster;
  private KubernetesClient client;
  private ProcessRunner node;

  @BeforeEach
  void start() {
    cluster = LocalCluster.start(LocalClusterOptions.in(folder).withApiServer(ApiServerKind.MOCK));
    client = cluster.client();
    node = cluster.startNode(options(NODE));
  }

  private ProcessRunnerOptions options(String name) {
    return ProcessRunnerOptions.of(name, folder.resolve("logs"))
        .withBackoff(Duration.ofMillis(20), Duration.ofMillis(40));
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private Pod bound(Pod pod) {
    return bound(pod, NODE);
  }

  private Pod bound(Pod pod, String nodeName) {
    Pod created = client.resource(pod).create();
    Pods.bind(client, created, nodeName);
    return created;
  }

  private Pod current(Pod pod) {
    return Objects.requireNonNull(client.resource(pod).get());
  }

  private ContainerStatus container(Pod pod) {
    return current(pod).getStatus().getContainerStatuses().getFirst();
  }

  private void awaitPhase(Pod pod, String phase) throws Exception {
    eventually(
        pod.getMetadata().getName() + " is " + phase,
        () -> phase.equals(current(pod).getStatus().getPhase()));
  }

  private long awaitProcess(Pod pod) throws Exception {
    awaitPhase(pod, "Running");
    eventually("its process is known", () -> node.processes(pod).containsKey("main"));
    return Objects.requireNonNull(node.processes(pod).get("main"));
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  private Path cgroupRoot() {
    assumeTrue(
        node.cgroupRoot().isPresent(),
        () -> "no cgroups here: " + node.cgroupObstacle().orElse(""));
    return node.cgroupRoot().orElseThrow();
  }

  private static List<Path> below(Path top) throws Exception {
    try (var paths = Files.walk(top)) {
      return paths.filter(Files::isDirectory).filter(path -> !path.equals(top)).toList();
    }
  }

  @Test
  void node_isRegisteredWithCapacity_andReady() {
    Node registered = client.nodes().withName(NODE).get();

    assertEquals(
        String.valueOf(Runtime.getRuntime().availableProcessors()),
        Objects.toString(registered.getStatus().getCapacity().get("cpu")));
    assertTrue(
        registered.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True")));
  }

  @Test
  void pod_runsWithItsEnvironment_andIsReady() throws Exception {
    Pod given = Pods.shell("env", "echo $GREETING from $WHO in $PWD; exec sleep 60");
    var main = given.getSpec().getContainers().getFirst();
    main.setWorkingDir(folder.toString());
    main.setEnv(
        List.of(
            new EnvVarBuilder()
                .withName("WHO")
                .withNewValueFrom()
                .withNewFieldRef()
                .withFieldPath("metadata.name")
                .endFieldRef()
                .endValueFrom()
                .build(),
            new EnvVarBuilder().withName("GREETING").withValue("hello $(WHO)").build()));

    Pod pod = bound(given);

    awaitPhase(pod, "Running");
    var status = current(pod).getStatus();
    assertEquals("127.0.0.1", status.getPodIP());
    assertTrue(container(pod).getReady());
    assertTrue(
        status.getConditions().stream()
            .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True")));
    assertTrue(status.getConditions().stream().anyMatch(c -> c.getType().equals("PodScheduled")));
    Path log = node.log(pod, "main");
    eventually(
        "its output is in its log",
        () -> Files.readString(log).equals("hello env from env in " + folder + "\n"));
  }

  @Test
  void pod_isInCgroupOfItsOwn_beforeItsCommandRuns() throws Exception {
    Path root = cgroupRoot();
    Pod pod = bound(Pods.shell("cgroup", "grep ^0:: /proc/self/cgroup; exec sleep 60"));

    long pid = awaitProcess(pod);

    String uid = pod.getMetadata().getUid().replace('-', '_');
    Path slice =
        root.resolve("kubepods.slice/kubepods-besteffort.slice")
            .resolve("kubepods-besteffort-pod" + uid + ".slice");
    String id = container(pod).getContainerID().replace("containerd://", "");
    Path scope = slice.resolve("cri-containerd-" + id + ".scope");
    assertEquals(List.of(String.valueOf(pid)), Files.readAllLines(scope.resolve("cgroup.procs")));
    Path log = node.log(pod, "main");
    eventually(
        "the command saw its cgroup",
        () -> Files.readString(log).strip().endsWith(scope.getFileName().toString()));
  }

  @Test
  void pod_succeedsOrFails_whenItIsNotStartedAgain() throws Exception {
    Pod good = Pods.shell("good", "exit 0");
    good.getSpec().setRestartPolicy("Never");
    Pod bad = Pods.shell("bad", "exit 7");
    bad.getSpec().setRestartPolicy("Never");

    good = bound(good);
    bad = bound(bad);

    awaitPhase(good, "Succeeded");
    awaitPhase(bad, "Failed");
    assertEquals(0, container(good).getState().getTerminated().getExitCode());
    assertEquals(7, container(bad).getState().getTerminated().getExitCode());
  }

  @Test
  void pod_isStartedAgain_whenItEnds() throws Exception {
    Pod pod = bound(Pods.shell("again", "exit 3"));

    eventually(
        "it was started again twice",
        () ->
            !current(pod).getStatus().getContainerStatuses().isEmpty()
                && container(pod).getRestartCount() >= 2);

    assertEquals(3, container(pod).getLastState().getTerminated().getExitCode());
    assertEquals("Running", current(pod).getStatus().getPhase());
  }

  @Test
  void pod_staysPending_withReason_whenItHasNoCommand() throws Exception {
    Pod given = Pods.shell("no-command", "true");
    given.getSpec().getContainers().getFirst().setCommand(List.of());

    Pod pod = bound(given);

    eventually(
        "the reason is in its status",
        () -> !current(pod).getStatus().getContainerStatuses().isEmpty());
    assertEquals("Pending", current(pod).getStatus().getPhase());
    assertTrue(container(pod).getState().getWaiting().getMessage().contains("needs a command"));
  }

  @Test
  void deletedPod_isAskedToEnd_andThenGone() throws Exception {
    Pod pod =
        bound(
            Pods.shell(
                "polite", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done"));
    long pid = awaitProcess(pod);
    Path log = node.log(pod, "main");
    eventually("it is up", () -> Files.readString(log).contains("up"));

    client.resource(pod).delete();

    eventually("the pod is gone", () -> client.resource(pod).get() == null);
    assertFalse(isAlive(pid));
    assertTrue(Files.readString(log).contains("bye"));
  }

  @Test
  void deletedPod_isEndedWithAllItsProcesses_whenItIgnoresTheRequest() throws Exception {
    Path root = cgroupRoot();
    Pod given = Pods.shell("stubborn", "trap '' TERM; sleep 600 & echo $!; wait; wait");
    given.getSpec().setTerminationGracePeriodSeconds(1L);
    Pod pod = bound(given);
    long pid = awaitProcess(pod);
    Path log = node.log(pod, "main");
    eventually("its child is up", () -> Files.readString(log).endsWith("\n"));
    long child = Long.parseLong(Files.readString(log).strip());

    client.resource(pod).delete();

    eventually("the pod is gone", () -> client.resource(pod).get() == null);
    eventually("its child has ended", () -> !isAlive(child));
    assertFalse(isAlive(pid));
    String uid = pod.getMetadata().getUid().replace('-', '_');
    assertTrue(
        below(root).stream().noneMatch(path -> path.toString().contains(uid)),
        () -> "a cgroup is left below " + root);
  }

  @Test
  void nodes_runTheirOwnPods_inTreesOfTheirOwn() throws Exception {
    ProcessRunner other = cluster.startNode(options("there"));
    Pod here = bound(Pods.shell("on-here", "exec sleep 60"), NODE);
    Pod there = bound(Pods.shell("on-there", "exec sleep 60"), "there");

    awaitPhase(here, "Running");
    awaitPhase(there, "Running");

    assertEquals(1, node.processes(here).size());
    assertEquals(0, node.processes(there).size());
    assertEquals(1, other.processes(there).size());
    assertTrue(node.cgroupRoot().isEmpty() || !node.cgroupRoot().equals(other.cgroupRoot()));
  }

  @Test
  void withoutCgroups_podsRunAndEndAllTheSame() throws Exception {
    ProcessRunner plain =
        cluster.startNode(options("plain").withCgroupParent(folder.resolve("nothing-here")));
    assertTrue(plain.cgroupObstacle().orElse("").contains("nothing-here"));
    Pod pod = bound(Pods.shell("plain", "sleep 600 & echo $!; wait"), "plain");
    awaitPhase(pod, "Running");
    Path log = plain.log(pod, "main");
    eventually("its child is up", () -> Files.readString(log).endsWith("\n"));
    long child = Long.parseLong(Files.readString(log).strip());

    client.resource(pod).delete();

    eventually("the pod is gone", () -> client.resource(pod).get() == null);
    eventually("its child has ended", () -> !isAlive(child));
  }

  @Test
  void close_leavesNoProcessCgroupOrKubeconfig() throws Exception {
    Pod pod = bound(Pods.shell("left", "trap '' TERM; while :; do sleep 1; done"));
    long pid = awaitProcess(pod);
    Path kubeconfig = cluster.kubeconfig();
    assertTrue(Files.exists(kubeconfig));

    cluster.close();

    assertFalse(isAlive(pid));
    assertFalse(Files.exists(kubeconfig));
    assertTrue(node.cgroupRoot().map(root -> !Files.exists(root)).orElse(true));
  }
}
