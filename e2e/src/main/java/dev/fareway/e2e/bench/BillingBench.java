package dev.fareway.e2e.bench;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What is billed for many pods that live for a moment, against what the kernel has counted for all
 * of them together.
 *
 * <p>Containers go as a runtime's do, at once; pods as a kubelet's, a second later.
 */
final class BillingBench {
  private static final int FUNCTIONS = 20;
  private static final int AT_ONCE_PER_CORE = 2;
  private static final long POD_GOES_SECONDS = 1;
  private static final String WORK = "<STDIN>; 1 while (times)[0] + (times)[1] < 0.05";

  private final BenchNode node;

  BillingBench(BenchNode node) {
    this.node = node;
  }

  void run(int pods, BenchReport report) throws IOException, InterruptedException {
    long billedBefore = node.billedNanos();
    long countedBefore = node.countedMicros();
    node.startDaemon("Auto", Aot.flags());
    node.awaitReady();
    int cores = Runtime.getRuntime().availableProcessors();
    ExecutorService starting = Executors.newFixedThreadPool(AT_ONCE_PER_CORE * cores);
    ScheduledExecutorService removing = Executors.newSingleThreadScheduledExecutor();
    try {
      var all = new ArrayList<CompletableFuture<Void>>();
      for (int i = 0; i < pods; i++) {
        int number = i;
        all.add(CompletableFuture.runAsync(() -> live(number, removing), starting));
      }
      all.forEach(CompletableFuture::join);
    } finally {
      starting.shutdownNow();
      removing.shutdown();
      if (!removing.awaitTermination(60, TimeUnit.SECONDS)) {
        removing.shutdownNow();
      }
    }
    // Writes what is left to be billed.
    node.stopDaemon();
    double counted = (node.countedMicros() - countedBefore) / 1e6;
    double billed = (node.billedNanos() - billedBefore) / 1e9;
    report.add("billing_pods", pods, "");
    report.add("billing_counted_by_kernel", counted, "s");
    report.add("billing_billed", billed, "s");
    report.add("billing_error", Math.abs(billed - counted) / counted * 100, "%");
  }

  private void live(int number, ScheduledExecutorService removing) {
    try {
      Pod pod =
          node.pod(
              "brief-" + number,
              number % 2 == 0 ? BenchNode.DEAR : BenchNode.CHEAP,
              "function-" + number % FUNCTIONS);
      Path container = node.briefContainerOf(pod);
      Process function =
          new ProcessBuilder(List.of("perl", "-e", WORK))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (var input = function.getOutputStream()) {
        BenchNode.enter(container, function);
        input.write('\n');
      }
      if (!function.waitFor(60, TimeUnit.SECONDS)) {
        function.destroyForcibly();
        throw new IOException("pod %d did not end".formatted(number));
      }
      BenchNode.remove(container);
      var _ =
          removing.schedule(
              () -> {
                BenchNode.remove(java.util.Objects.requireNonNull(container.getParent()));
                node.delete(pod);
              },
              POD_GOES_SECONDS,
              TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** CPU time that a cgroup has used, in microseconds, what is gone included. */
  static long cpuMicros(Path cgroup) throws IOException {
    for (String line : Files.readAllLines(cgroup.resolve("cpu.stat"))) {
      if (line.startsWith("usage_usec ")) {
        return Long.parseLong(line.substring("usage_usec ".length()));
      }
    }
    throw new IOException("no usage_usec in %s/cpu.stat".formatted(cgroup));
  }
}
