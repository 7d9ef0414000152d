package dev.fareway.e2e.bench;

import dev.fareway.e2e.cluster.ApiServerKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the packaged node daemon takes of a node with 100 function pods. */
@Command(
    name = "./fareway bench footprint",
    customSynopsis = "./fareway bench footprint [OPTION...]",
    sortOptions = false,
    usageHelpWidth = 100,
    description =
        "Starts the packaged node daemon on this machine beside pods that are real processes, and measures its start until"
            + " all of them are enforced, and its memory and CPU use while nothing changes. Needs root and cgroup v2.")
public final class FootprintBench implements Callable<Integer> {
  private static final double TICKS_PER_SECOND = 100;
  private static final int UTIME = 14 - 3;
  private static final int STIME = 15 - 3;
  private static final int POLICY = 41 - 3;

  @Mixin CommonOptions common = new CommonOptions();

  @Option(names = "--pods", paramLabel = "N", description = "How many. Default: ${DEFAULT-VALUE}.")
  int pods = 100;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long the steady state is watched. Default: ${DEFAULT-VALUE}.")
  int seconds = 30;

  @Option(
      names = "--api-server",
      paramLabel = "KIND",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  ApiServerKind apiServer = ApiServerKind.AUTO;

  @Option(
      names = "--busy",
      description = "Keep all CPUs busy with functions of the cheapest class while it is watched.")
  boolean busy;

  @Option(names = "--no-aot", description = "Start without the ahead-of-time cache.")
  boolean noAot;

  @Option(
      names = "--jvm",
      paramLabel = "FLAG",
      description = "A further flag of the daemon's Java, to try what it does; repeatable.")
  List<String> jvm = new ArrayList<>();

  /** Runs it. */
  public static void main(String[] args) {
    System.exit(
        new CommandLine(new FootprintBench())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    var report = new BenchReport("footprint", "./fareway bench footprint");
    var flags = new ArrayList<>(noAot ? List.of() : Aot.flags());
    flags.addAll(jvm);
    try (BenchNode node = BenchNode.start(apiServer)) {
      System.out.printf(
          "%d pods, %s, flags %s%n", pods, node.apiServer(), flags.isEmpty() ? "none" : flags);
      var functions = new ArrayList<Process>();
      for (int i = 0; i < pods; i++) {
        var pod = node.pod("pod-" + i, i % 2 == 0 ? BenchNode.DEAR : BenchNode.CHEAP);
        Process function = node.start(List.of("sleep", "3600"));
        BenchNode.enter(node.containerOf(pod), function);
        functions.add(function);
      }
      long start = System.nanoTime();
      Process daemon = node.startDaemon("Auto", flags);
      node.await(
          "all pods are enforced",
          5,
          () -> functions.stream().allMatch(function -> field(function.pid(), POLICY) != 0));
      report.add("start_to_enforcing", (System.nanoTime() - start) / 1e9, "s");
      for (int i = 0; busy && i < Runtime.getRuntime().availableProcessors(); i++) {
        Process burner = node.start(List.of("sh", "-c", "while :; do :; done"));
        BenchNode.enter(node.containerOf(node.pod("busy-" + i, BenchNode.CHEAP)), burner);
      }
      // Compilation and the first collections are over.
      TimeUnit.SECONDS.sleep(15);
      long before = field(daemon.pid(), UTIME) + field(daemon.pid(), STIME);
      long from = System.nanoTime();
      TimeUnit.SECONDS.sleep(seconds);
      double elapsed = (System.nanoTime() - from) / 1e9;
      long after = field(daemon.pid(), UTIME) + field(daemon.pid(), STIME);
      report.add("cpu", (after - before) / TICKS_PER_SECOND / elapsed * 100, "% of a core");
      report.add("resident", status(daemon.pid(), "VmRSS:") / 1024.0, "MiB");
      report.add("resident_anonymous", status(daemon.pid(), "RssAnon:") / 1024.0, "MiB");
      report.add("resident_peak", status(daemon.pid(), "VmHWM:") / 1024.0, "MiB");
      report.add("threads", (double) status(daemon.pid(), "Threads:"), "");
    }
    common.write(report);
    return 0;
  }

  /** A field of a process' {@code stat} after its name (proc(5)); 0 if it is gone. */
  private static long field(long pid, int field) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[field]);
    } catch (IOException e) {
      return 0;
    }
  }

  private static long status(long pid, String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.substring(name.length()).replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("no %s of process %d".formatted(name, pid));
  }
}
