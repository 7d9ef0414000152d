package dev.fareway.e2e.bench;

import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassSpec;
import dev.fareway.e2e.cluster.ApiServerKind;
import dev.fareway.e2e.cluster.LocalCluster;
import dev.fareway.e2e.cluster.LocalClusterOptions;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An API server, a node's cgroups with real processes in them, and the packaged node daemon, all on
 * this machine; gone when it is closed.
 */
final class BenchNode implements AutoCloseable {
  static final String NAME = "bench-node";
  static final String DEAR = "dear";
  static final String CHEAP = "cheap";
  private static final String CPU = "cpu";
  private static final String CONTROL = "cgroup.subtree_control";
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final LocalCluster cluster;
  private final Path work;
  private final Path root;
  private final List<Path> cgroups = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();
  private @Nullable Process daemon;
  private int statusPort;

  /** Whether nobody but us wants the cpu controller in version 2. */
  private boolean ownsController;

  private BenchNode(LocalCluster cluster, Path work, Path root) {
    this.cluster = cluster;
    this.work = work;
    this.root = root;
  }

  /** Starts all but the daemon; the operator ranks the classes. */
  static BenchNode start(ApiServerKind kind) throws IOException {
    Path mount = cgroupMount();
    Path work = Files.createTempDirectory("fareway-bench");
    LocalCluster cluster = LocalCluster.start(LocalClusterOptions.in(work).withApiServer(kind));
    var node =
        new BenchNode(
            cluster, work, mount.resolve("fareway-bench-" + ProcessHandle.current().pid()));
    try {
      node.cgroup(node.root);
      node.createObjects();
      cluster.startOperator();
      // Without their ranks a daemon has nothing to go by.
      node.await("the operator has ranked the classes", 100, node::classesAreRanked);
      return node;
    } catch (IOException | RuntimeException e) {
      node.close();
      throw e;
    } catch (InterruptedException e) {
      node.close();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static Path cgroupMount() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String[] words = line.split(" ", -1);
      if (words[2].equals("cgroup2") && Files.isWritable(Path.of(words[1]))) {
        return Path.of(words[1]);
      }
    }
    throw new IOException("cgroup version 2 is not mounted here, or not writable: run as root");
  }

  String apiServer() {
    return cluster.apiServer();
  }

  private void createObjects() {
    KubernetesClient client = cluster.client();
    client
        .resource(new NodeBuilder().withNewMetadata().withName(NAME).endMetadata().build())
        .create();
    createClass(DEAR, "2u");
    createClass(CHEAP, "1u");
  }

  private boolean classesAreRanked() {
    return cluster.client().resources(PriceClass.class).list().getItems().stream()
        .allMatch(of -> of.getStatus() != null && of.getStatus().rank() != null);
  }

  private void createClass(String name, String price) {
    var priceClass = new PriceClass();
    priceClass.getMetadata().setName(name);
    priceClass.setSpec(PriceClassSpec.ofPrice(price));
    cluster.client().resource(priceClass).create();
  }

  /** Makes a pod of a class on this node in the API server. */
  Pod pod(String name, String priceClass) {
    return pod(name, priceClass, name);
  }

  /** The same, one of a function's. */
  Pod pod(String name, String priceClass, String function) {
    return cluster
        .client()
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .addToAnnotations("fareway.dev/price-class", priceClass)
                .addToLabels("serving.knative.dev/service", function)
                .endMetadata()
                .withNewSpec()
                .withNodeName(NAME)
                .addNewContainer()
                .withName("function")
                .withImage("none")
                .endContainer()
                .endSpec()
                .build())
        .create();
  }

  /** It is gone, as a kubelet says when all of it has ended. */
  void delete(Pod pod) {
    cluster.client().resource(pod).withGracePeriod(0).delete();
  }

  /** CPU time billed for this node so far, in nanoseconds. */
  long billedNanos() {
    return cluster.client().resources(NodeUsage.class).list().getItems().stream()
        .filter(usage -> usage.getStatus() != null)
        .flatMap(usage -> usage.getStatus().usage().stream())
        .mapToLong(NodeUsageStatus.Usage::cpuNanos)
        .sum();
  }

  /** CPU time that the kernel has counted for all pods, in microseconds. */
  long countedMicros() throws IOException {
    return BillingBench.cpuMicros(cgroup(root.resolve("kubepods.slice")));
  }

  /** Waits until the daemon has seen the API server. */
  void awaitReady() throws IOException, InterruptedException {
    await("the daemon is ready", 100, () -> !Double.isNaN(metric("fareway_node_function_pods")));
    TimeUnit.SECONDS.sleep(2);
  }

  /** Starts a process that is in no pod yet. */
  Process start(List<String> command) throws IOException {
    return start(command, false);
  }

  /** The same, and perhaps its output is read. */
  Process start(List<String> command, boolean read) throws IOException {
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    if (!read) {
      builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    }
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  /** Makes a pod's container's cgroup, as a kubelet with the systemd driver would. */
  Path containerOf(Pod pod) throws IOException {
    return cgroup(pathOf(pod));
  }

  /** The same, for who removes it, and its parent. */
  Path briefContainerOf(Pod pod) throws IOException {
    Path container = pathOf(pod);
    cgroup(slice());
    return Files.createDirectories(container);
  }

  private Path slice() {
    return root.resolve("kubepods.slice/kubepods-burstable.slice");
  }

  private Path pathOf(Pod pod) {
    String uid = pod.getMetadata().getUid();
    String id = uid.replace("-", "").repeat(2);
    return slice()
        .resolve(
            "kubepods-burstable-pod%s.slice/cri-containerd-%s.scope"
                .formatted(uid.replace('-', '_'), id));
  }

  /** Whether pods of this node could be given a cpu.weight, as those of a kubelet. */
  boolean hasCpuController() throws IOException {
    return names(mount().resolve("cgroup.controllers")).contains(CPU);
  }

  /**
   * Switches the cpu controller on or off for all that is above containers; pods that come later
   * have none.
   */
  void cpuController(boolean on) throws IOException {
    List<Path> above = new ArrayList<>(List.of(root, root.resolve("kubepods.slice"), slice()));
    if (ownsController || !names(mount().resolve(CONTROL)).contains(CPU)) {
      above.addFirst(mount());
      ownsController = true;
    }
    try (var pods = Files.newDirectoryStream(slice(), "*-pod*")) {
      pods.forEach(above::add);
    }
    for (Path cgroup : on ? above : above.reversed()) {
      Files.writeString(cgroup.resolve(CONTROL), (on ? "+" : "-") + CPU);
    }
  }

  private Path mount() {
    return Objects.requireNonNull(root.getParent());
  }

  private static List<String> names(Path file) throws IOException {
    return List.of(Files.readString(file).strip().split(" ", -1));
  }

  static void enter(Path cgroup, Process process) throws IOException {
    Files.writeString(cgroup.resolve("cgroup.procs"), Long.toString(process.pid()));
  }

  private synchronized Path cgroup(Path cgroup) throws IOException {
    if (!Files.isDirectory(cgroup)) {
      Path parent = cgroup.getParent();
      if (!cgroup.equals(root) && parent != null) {
        cgroup(parent);
      }
      Files.createDirectory(cgroup);
      cgroups.add(cgroup);
    }
    return cgroup;
  }

  /** Starts the daemon as a node would, and returns at once. */
  Process startDaemon(String mode, List<String> moreFlags) throws IOException {
    try (var free = new ServerSocket(0)) {
      statusPort = free.getLocalPort();
    }
    Path home = Path.of(System.getProperty("fareway.home", ".")).toAbsolutePath();
    Path app = home.resolve("node-daemon/target/app");
    var command =
        new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
    command.add("@" + app.resolve("jvm.options"));
    command.addAll(moreFlags);
    command.addAll(
        List.of(
            "-jar", app.resolve("fareway-node-daemon.jar").toString(),
            "--node-name", NAME,
            "--kubeconfig", cluster.nodeKubeconfig().toString(),
            "--operator", cluster.dispatcherAddress(),
            "--cgroup-root", root.toString(),
            "--mode", mode,
            "--status-port", Integer.toString(statusPort)));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(work.resolve("node-daemon.log").toFile()))
            .start();
    daemon = process;
    return process;
  }

  /** Ends the daemon, which puts back what it changed. */
  void stopDaemon() throws InterruptedException {
    Process process = daemon;
    if (process != null) {
      process.destroy();
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      daemon = null;
    }
  }

  /** A metric of the daemon's; NaN if there is none or the daemon does not answer. */
  double metric(String name) {
    try (var client = HttpClient.newHttpClient()) {
      var answer =
          client.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:%d/metrics".formatted(statusPort)))
                  .timeout(Duration.ofSeconds(5))
                  .build(),
              BodyHandlers.ofString());
      return answer
          .body()
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException e) {
      return Double.NaN;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Double.NaN;
    }
  }

  /** Waits for something, at most a minute. */
  void await(String what, long pollMillis, BooleanSupplier holds)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + BOUND.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > end) {
        Path log = work.resolve("node-daemon.log");
        throw new IOException(
            "not within %d s: %s; the daemon's log: %s"
                .formatted(
                    BOUND.toSeconds(), what, Files.exists(log) ? Files.readString(log) : "none"));
      }
      Thread.sleep(pollMillis);
    }
  }

  @Override
  public void close() {
    try {
      stopDaemon();
      processes.forEach(Process::destroyForcibly);
      for (Process process : processes) {
        process.waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    cluster.close();
    for (Path cgroup : cgroups.reversed()) {
      remove(cgroup);
    }
    deleteWork();
  }

  private void deleteWork() {
    try (var files = Files.walk(work)) {
      for (Path file : files.sorted(Collections.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("not deleted: " + work);
    }
  }

  /** The kernel may count processes that have ended for a moment longer. */
  static void remove(Path cgroup) {
    for (int tries = 0; tries < 200; tries++) {
      try {
        Files.deleteIfExists(cgroup);
        return;
      } catch (IOException e) {
        try {
          Thread.sleep(10);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
    System.err.println("not removed: " + cgroup);
  }
}
