package dev.fareway.e2e.bench;

import dev.fareway.e2e.cluster.ApiServerKind;
import dev.fareway.e2e.load.RealtimePriority;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
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
  private static final int CROWD_PER_CORE = 8;
  private static final int ROUNDS = 3;
  private static final int WATCHER_PRIORITY = 48;
  private static final int SCHED_IDLE = 5;
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

  private final MethodHandle getScheduler = getScheduler();

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
      crowd(node, report);
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
      var watcher = Thread.ofPlatform().start(() -> awaitEnforced(functions, enforced));
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

  private void awaitEnforced(List<Process> functions, long[] enforced) {
    // Above what it watches, or it would see late what was done in time.
    RealtimePriority.raiseThread(WATCHER_PRIORITY)
        .ifPresent(why -> System.out.printf("the watcher runs as any thread: %s%n", why));
    long end = System.nanoTime() + APPEARED_BOUND_NANOS;
    int left = functions.size();
    while (left > 0 && System.nanoTime() < end) {
      for (int i = 0; i < enforced.length; i++) {
        if (enforced[i] == 0 && policy(functions.get(i).pid()) > 0) {
          enforced[i] = System.nanoTime();
          left--;
        }
      }
      // It must not take the CPU from what it watches.
      java.util.concurrent.locks.LockSupport.parkNanos(500_000);
    }
  }

  private int policy(long pid) {
    try {
      return (int) getScheduler.invokeExact((int) pid);
    } catch (Throwable e) {
      throw new IllegalStateException("sched_getscheduler", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle getScheduler() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("sched_getscheduler"),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
  }

  // --- latency beside a crowd

  private void crowd(BenchNode node, BenchReport report) throws IOException, InterruptedException {
    Pod dear = node.pod("dear", BenchNode.DEAR);
    Pod cheap = node.pod("cheap", BenchNode.CHEAP);
    int rounds = calibrated(node);
    node.startDaemon("Auto", Aot.flags());
    node.awaitReady();
    double unloaded = phase(node, dear, rounds, "unloaded", report);
    var crowd = new ArrayList<Process>();
    for (int i = 0; i < CROWD_PER_CORE * Runtime.getRuntime().availableProcessors(); i++) {
      Process batch = node.start(List.of("sh", "-c", "while :; do :; done"));
      BenchNode.enter(node.containerOf(cheap), batch);
      crowd.add(batch);
    }
    node.await(
        "the crowd is off the normal scheduler",
        200,
        () -> crowd.stream().allMatch(batch -> policy(batch.pid()) == SCHED_IDLE));
    double realTime = phase(node, dear, rounds, "realtime", report);
    node.stopDaemon();
    double none = phase(node, dear, rounds, "without", report);
    node.startDaemon("Weighted", Aot.flags());
    node.awaitReady();
    node.await(
        "the crowd is off the normal scheduler",
        200,
        () -> crowd.stream().allMatch(batch -> policy(batch.pid()) == SCHED_IDLE));
    double weighted = phase(node, dear, rounds, "weighted", report);
    node.stopDaemon();
    crowd.forEach(Process::destroyForcibly);
    report.add("p99_ratio_realtime", realTime / unloaded, "");
    report.add("p99_ratio_weighted", weighted / unloaded, "");
    report.add("p99_ratio_without", none / unloaded, "");
  }

  /** How much work one request is, the same in all phases: measured while nothing else runs. */
  private static int calibrated(BenchNode node) throws IOException {
    Process function = timed(node);
    try (BufferedReader lines = function.inputReader()) {
      return Integer.parseInt(lines.readLine());
    }
  }

  private static Process timed(BenchNode node, String... arguments) throws IOException {
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

  /** Runs the dear function for a while; the 99th percentile of its latency in milliseconds. */
  private double phase(BenchNode node, Pod dear, int rounds, String name, BenchReport report)
      throws IOException, InterruptedException {
    Process function =
        timed(node, Integer.toString(seconds), Long.toString(seed), Integer.toString(rounds));
    BenchNode.enter(node.containerOf(dear), function);
    double[] millis;
    try (BufferedReader lines = function.inputReader()) {
      millis = lines.lines().mapToDouble(Double::parseDouble).sorted().toArray();
    }
    if (!function.waitFor(10, TimeUnit.SECONDS) || millis.length == 0) {
      throw new IOException("the function of phase %s did not end well".formatted(name));
    }
    report.add("latency_p50_" + name, quantile(millis, 0.5), "ms");
    report.add("latency_p99_" + name, quantile(millis, 0.99), "ms");
    return quantile(millis, 0.99);
  }

  private static double quantile(double[] sorted, double share) {
    return sorted[Math.min(sorted.length - 1, (int) Math.ceil(share * sorted.length) - 1)];
  }
}
