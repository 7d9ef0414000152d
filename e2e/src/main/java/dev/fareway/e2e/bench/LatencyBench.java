package dev.fareway.e2e.bench;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The latency of a dear function beside batch work on many times the cores: by each way of
 * enforcing that is to be had here, and without Fareway.
 */
final class LatencyBench {
  private static final int CROWD_PER_CORE = 8;

  private final BenchNode node;
  private final int seconds;
  private final long seed;

  /**
   * A benchmark on a node.
   *
   * @param seconds length of each phase
   * @param seed of the arrivals
   */
  LatencyBench(BenchNode node, int seconds, long seed) {
    this.node = node;
    this.seconds = seconds;
    this.seed = seed;
  }

  void run(BenchReport report) throws IOException, InterruptedException {
    Pod dear = node.pod("dear", BenchNode.DEAR);
    Pod cheap = node.pod("cheap", BenchNode.CHEAP);
    int rounds = calibrated();
    var phases = new Phases(node.containerOf(dear), rounds, report);
    node.startDaemon("Auto", Aot.flags());
    node.awaitReady();
    boolean hasRealTime = node.metric("fareway_node_enforcement{mode=\"RealTime\"}") == 1;
    phases.unloaded();
    var crowd = new ArrayList<Process>();
    for (int i = 0; i < CROWD_PER_CORE * Runtime.getRuntime().availableProcessors(); i++) {
      Process batch = node.start(List.of("sh", "-c", "while :; do :; done"));
      BenchNode.enter(node.containerOf(cheap), batch);
      crowd.add(batch);
    }
    awaitIdle(crowd);
    if (hasRealTime) {
      phases.run("realtime", Optional.empty());
    } else {
      System.out.println("not measured by SCHED_FIFO: the kernel does not allow it here");
    }
    node.stopDaemon();
    phases.run("without", Optional.empty());
    weighted(phases, crowd);
    crowd.forEach(Process::destroyForcibly);
  }

  /** Pods of a kubelet have the cpu controller, and then a weight; others' threads a nice value. */
  private void weighted(Phases phases, List<Process> crowd)
      throws IOException, InterruptedException {
    startWeighted(crowd);
    phases.run("weighted_by_nice", Optional.empty());
    Optional<Path> ofVersion1 = WeightsOfVersion1.hierarchy();
    if (node.hasCpuController()) {
      node.stopDaemon();
      node.cpuController(true);
      try {
        startWeighted(crowd);
        phases.run("weighted", Optional.empty());
        node.stopDaemon();
      } finally {
        node.cpuController(false);
      }
    } else if (ofVersion1.isPresent()) {
      System.out.println(
          "by weight: in groups of cgroup version 1 that this benchmark sets as the daemon sets those of version 2");
      try (var groups = WeightsOfVersion1.of(ofVersion1.get(), crowd)) {
        phases.run("weighted", Optional.of(groups.dear()));
      }
    } else {
      System.out.println("not measured by weight: there is no cpu controller here");
    }
    node.stopDaemon();
  }

  private void startWeighted(List<Process> crowd) throws IOException, InterruptedException {
    node.startDaemon("Weighted", Aot.flags());
    node.awaitReady();
    awaitIdle(crowd);
  }

  private void awaitIdle(List<Process> crowd) throws IOException, InterruptedException {
    node.await(
        "the crowd is off the normal scheduler",
        200,
        () ->
            crowd.stream()
                .allMatch(
                    batch -> SchedulingPolicy.of(batch.pid()) == SchedulingPolicy.SCHED_IDLE));
  }

  /** How much work one request is, the same in all phases: measured while nothing else runs. */
  private int calibrated() throws IOException {
    Process function = timed();
    try (BufferedReader lines = function.inputReader()) {
      return Integer.parseInt(lines.readLine());
    }
  }

  private Process timed(String... arguments) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                TimedFunction.class.getName()));
    command.addAll(List.of(arguments));
    return node.start(command, true);
  }

  /** The dear function's latencies, phase by phase, beside those of the first. */
  private final class Phases {
    private final Path container;
    private final int rounds;
    private final BenchReport report;
    private double unloaded;

    Phases(Path container, int rounds, BenchReport report) {
      this.container = container;
      this.rounds = rounds;
      this.report = report;
    }

    void unloaded() throws IOException, InterruptedException {
      unloaded = p99("unloaded", Optional.empty());
    }

    void run(String name, Optional<Path> group) throws IOException, InterruptedException {
      report.add("p99_ratio_" + name, p99(name, group) / unloaded, "");
    }

    /** Runs the dear function for a while, in a further cgroup if there is one. */
    private double p99(String name, Optional<Path> group) throws IOException, InterruptedException {
      Process function =
          timed(Integer.toString(seconds), Long.toString(seed), Integer.toString(rounds));
      BenchNode.enter(container, function);
      if (group.isPresent()) {
        BenchNode.enter(group.get(), function);
      }
      double[] millis;
      try (BufferedReader lines = function.inputReader()) {
        millis = lines.lines().mapToDouble(Double::parseDouble).sorted().toArray();
      }
      if (!function.waitFor(10, TimeUnit.SECONDS) || millis.length == 0) {
        throw new IOException("the function of phase %s did not end well".formatted(name));
      }
      report.add("latency_p50_" + name, NodeBench.quantile(millis, 0.5), "ms");
      report.add("latency_p99_" + name, NodeBench.quantile(millis, 0.99), "ms");
      return NodeBench.quantile(millis, 0.99);
    }
  }
}
