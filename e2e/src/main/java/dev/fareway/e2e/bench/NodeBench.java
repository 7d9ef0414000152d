package dev.fareway.e2e.bench;

import dev.fareway.e2e.cluster.ApiServerKind;
import dev.fareway.e2e.load.RealtimePriority;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the machine scheduler does for a dear function beside a crowd, and how soon. */
@Command(
    name = "./fareway bench node",
    customSynopsis = "./fareway bench node [OPTION...]",
    sortOptions = false,
    usageHelpWidth = 100,
    description =
        "Measures with the packaged node daemon: how long after its cgroup appears a function is under its class's policy,"
            + " with 100 starting at once; the latency of a dear function beside batch work on 8 times the cores, with"
            + " RealTime, with Weighted, and without Fareway; the order within one class; what is billed for pods that live"
            + " for 50 ms; and, on a User-Mode Linux node, whose memory is swapped and who is killed when functions hold 1.5"
            + " times the node's. Needs root and cgroup v2.")
public final class NodeBench implements Callable<Integer> {
  private static final int ROUNDS = 3;
  private static final int WATCHER_PRIORITY = 48;
  private static final long APPEARED_BOUND_NANOS = TimeUnit.SECONDS.toNanos(20);

  @Mixin CommonOptions common = new CommonOptions();

  @Option(
      names = "--pods",
      paramLabel = "N",
      description = "How many start at once. Default: ${DEFAULT-VALUE}.")
  int pods = 100;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Length of each phase. Default: ${DEFAULT-VALUE}.")
  int seconds = 15;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the arrivals. Default: ${DEFAULT-VALUE}.")
  long seed = 1;

  @Option(
      names = "--api-server",
      paramLabel = "KIND",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  ApiServerKind apiServer = ApiServerKind.AUTO;

  @Option(
      names = "--billed-pods",
      paramLabel = "N",
      description = "How many pods of 50 ms are billed. Default: ${DEFAULT-VALUE}.")
  int billedPods = 10_000;

  @Option(
      names = "--parts",
      paramLabel = "PART",
      split = ",",
      description = "${COMPLETION-CANDIDATES}; several with commas. Default: all.")
  Set<Part> parts = EnumSet.allOf(Part.class);

  /** What can be measured by itself. */
  enum Part {
    DETECTION,
    LATENCY,
    ORDER,
    BILLING,
    MEMORY
  }

  /** Runs it. */
  public static void main(String[] args) {
    System.exit(
        new CommandLine(new NodeBench()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    var report = new BenchReport("node", "./fareway bench node");
    if (!EnumSet.of(Part.MEMORY).containsAll(parts)) {
      try (BenchNode node = BenchNode.start(apiServer)) {
        here(node, report);
      }
    }
    if (parts.contains(Part.MEMORY)) {
      var missing = MemoryBench.missing();
      if (missing.isPresent()) {
        System.out.printf("memory: not measured, %s%n", missing.get());
      } else {
        MemoryBench.run(report);
      }
    }
    common.write(report);
    return 0;
  }

  private void here(BenchNode node, BenchReport report) throws IOException, InterruptedException {
    if (parts.contains(Part.DETECTION)) {
      detection(node, report);
    }
    if (parts.contains(Part.LATENCY)) {
      new LatencyBench(node, seconds, seed).run(report);
    }
    if (parts.contains(Part.ORDER)) {
      order(node, report);
    }
    if (parts.contains(Part.BILLING)) {
      new BillingBench(node).run(billedPods, report);
    }
  }

  private static void order(BenchNode node, BenchReport report)
      throws IOException, InterruptedException {
    var order = new OrderBench(node);
    Pod pod = node.pod("ordered", BenchNode.DEAR);
    order.run("without", pod, false, report);
    order.run("without_on_a_core", pod, true, report);
    node.startDaemon("Auto", Aot.flags());
    node.awaitReady();
    order.run("realtime", pod, false, report);
    order.run("realtime_on_a_core", pod, true, report);
    node.stopDaemon();
  }

  // --- how soon a function is enforced

  private void detection(BenchNode node, BenchReport report)
      throws IOException, InterruptedException {
    node.startDaemon("Auto", Aot.flags());
    var millis = new ArrayList<Double>();
    var enteredMillis = new ArrayList<Double>();
    for (int round = 0; round < ROUNDS; round++) {
      var created = new ArrayList<Pod>();
      var functions = new ArrayList<Process>();
      for (int i = 0; i < pods; i++) {
        created.add(node.pod("start-%d-%d".formatted(round, i), BenchNode.DEAR));
        functions.add(node.start(List.of("sleep", "3600")));
      }
      int known = created.size() * (round + 1);
      node.await(
          "the daemon knows the pods",
          200,
          () -> node.metric("fareway_node_function_pods") == known);
      long[] appeared = new long[pods];
      long[] entered = new long[pods];
      long[] enforced = new long[pods];
      // Now, and not while it is measured: a pause of this process is nobody's delay.
      System.gc();
      var watches = new CountDownLatch(1);
      var watcher = Thread.ofPlatform().start(() -> awaitEnforced(functions, enforced, watches));
      watches.await();
      for (int i = 0; i < pods; i++) {
        appeared[i] = System.nanoTime();
        BenchNode.enter(node.containerOf(created.get(i)), functions.get(i));
        entered[i] = System.nanoTime();
      }
      watcher.join();
      for (int i = 0; i < pods; i++) {
        if (enforced[i] == 0) {
          throw new IOException("pod %d of round %d was not enforced in time".formatted(i, round));
        }
        millis.add(Math.max(0, enforced[i] - appeared[i]) / 1e6);
        enteredMillis.add(Math.max(0, enforced[i] - entered[i]) / 1e6);
      }
    }
    node.stopDaemon();
    quantiles("detection", millis, report);
    // Of that, since the kernel has let the process in.
    quantiles("detection_from_entry", enteredMillis, report);
  }

  private static void quantiles(String name, List<Double> millis, BenchReport report) {
    double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    report.add(name + "_p50", quantile(sorted, 0.5), "ms");
    report.add(name + "_p99", quantile(sorted, 0.99), "ms");
    report.add(name + "_max", sorted[sorted.length - 1], "ms");
  }

  /**
   * Looks until all are enforced.
   *
   * @param watches counted down before the first look
   */
  private void awaitEnforced(List<Process> functions, long[] enforced, CountDownLatch watches) {
    // Above what it watches, or it would see late what was done in time.
    RealtimePriority.raiseThread(WATCHER_PRIORITY)
        .ifPresent(why -> System.out.printf("the watcher runs as any thread: %s%n", why));
    // The first call takes the longest.
    int _ = SchedulingPolicy.of(functions.getFirst().pid());
    watches.countDown();
    long end = System.nanoTime() + APPEARED_BOUND_NANOS;
    int left = functions.size();
    while (left > 0 && System.nanoTime() < end) {
      for (int i = 0; i < enforced.length; i++) {
        if (enforced[i] == 0 && SchedulingPolicy.of(functions.get(i).pid()) > 0) {
          enforced[i] = System.nanoTime();
          left--;
        }
      }
      // It must not take the CPU from what it watches.
      java.util.concurrent.locks.LockSupport.parkNanos(500_000);
    }
  }

  static double quantile(double[] sorted, double share) {
    return sorted[Math.min(sorted.length - 1, (int) Math.ceil(share * sorted.length) - 1)];
  }
}
