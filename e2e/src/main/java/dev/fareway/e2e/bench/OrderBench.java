package dev.fareway.e2e.bench;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The order within one class: functions of the same class begin a piece of work one after the
 * other, more of them than there are cores.
 *
 * <p>First come, first served: each runs to its end once it has begun, and none that came later
 * begins before it. Counted are the functions that began before one that had come earlier, how much
 * later than from one queue each began, and how often each was interrupted. The kernel keeps a
 * queue for each core and evens them out only by priority, so that is told of functions that may
 * run on one core alone, whose queue is then the same, and of functions that may run on any.
 */
final class OrderBench {
  private static final int FUNCTIONS_PER_CORE = 6;
  private static final int ROUNDS = 5;
  private static final long APART_NANOS = 3_000_000;

  /**
   * A function: begins when it is told to, works for 50 ms, says when it began and ended and how
   * often it was taken off its core.
   */
  private static final String FUNCTION =
      """
      $| = 1;
      print "ready\\n";
      while (<STDIN>) {
        my $wait = $_ - now();
        select(undef, undef, undef, $wait) if $wait > 0;
        my $begun = now();
        my $before = interrupted();
        my ($user, $system) = times;
        my $end = $user + $system + 0.05;
        do { ($user, $system) = times } while ($user + $system < $end);
        printf "%.9f %.9f %d\\n", $begun, now(), interrupted() - $before;
      }
      # clock_gettime(2) of CLOCK_MONOTONIC on x86-64.
      sub now {
        my $time = "\\0" x 16;
        syscall(228, 1, $time);
        my ($seconds, $nanos) = unpack('q q', $time);
        return $seconds + $nanos / 1e9;
      }
      sub interrupted {
        open(my $in, '<', '/proc/self/status');
        while (<$in>) { return $1 if /^nonvoluntary_ctxt_switches:\\s+(\\d+)/ }
      }
      """;

  private final BenchNode node;

  OrderBench(BenchNode node) {
    this.node = node;
  }

  /**
   * Runs it.
   *
   * @param name of what is in force
   * @param onOneCore whether each function keeps to one core, and pairs are those of the same
   */
  void run(String name, Pod pod, boolean onOneCore, BenchReport report)
      throws IOException, InterruptedException {
    int cores = Runtime.getRuntime().availableProcessors();
    int count = FUNCTIONS_PER_CORE * cores;
    var functions = new ArrayList<Process>();
    Path container = node.containerOf(pod);
    for (int i = 0; i < count; i++) {
      var command = new ArrayList<String>();
      if (onOneCore) {
        command.addAll(List.of("taskset", "-c", Integer.toString(i % cores)));
      }
      command.addAll(List.of("perl", "-e", FUNCTION));
      Process function = node.start(command, true);
      BenchNode.enter(container, function);
      functions.add(function);
    }
    for (Process function : functions) {
      line(function);
    }
    // The daemon looks at them once more.
    TimeUnit.SECONDS.sleep(3);
    int overtakings = 0;
    int interruptions = 0;
    int pairs = 0;
    var late = new ArrayList<Double>();
    for (int round = 0; round < ROUNDS; round++) {
      // On the clock that counts from boot, so that nobody has to run in order to start them.
      long due = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
      var came = new ArrayList<Double>();
      for (Process function : functions) {
        due += APART_NANOS;
        came.add(due / 1e9);
        function.outputWriter().write("%.9f%n".formatted(due / 1e9));
        function.outputWriter().flush();
      }
      var begun = new ArrayList<Double>();
      var free = new double[cores];
      for (Process function : functions) {
        String[] words = line(function).split(" ", -1);
        begun.add(Double.valueOf(words[0]));
        int number = begun.size() - 1;
        int core = onOneCore ? number % cores : first(free);
        double fromOneQueue = Math.max(came.get(number), free[core]);
        free[core] = fromOneQueue + Double.parseDouble(words[1]) - begun.getLast();
        late.add((begun.getLast() - fromOneQueue) * 1e3);
        interruptions += Integer.parseInt(words[2]);
      }
      for (int i = 0; i < count; i++) {
        for (int j = i + 1; j < count; j++) {
          if (onOneCore && (j - i) % cores != 0) {
            continue;
          }
          pairs++;
          overtakings += begun.get(j) < begun.get(i) ? 1 : 0;
        }
      }
      // Real time in all gets no near to the guard's limit.
      TimeUnit.MILLISECONDS.sleep(1500);
    }
    report.add("order_overtakings_" + name, 100.0 * overtakings / pairs, "% of pairs");
    report.add(
        "order_late_mean_" + name,
        late.stream().mapToDouble(Double::doubleValue).average().orElse(0),
        "ms");
    report.add(
        "order_late_max_" + name,
        late.stream().mapToDouble(Double::doubleValue).max().orElse(0),
        "ms");
    report.add(
        "order_interruptions_" + name, interruptions / (double) (ROUNDS * count), "a function");
    functions.forEach(Process::destroyForcibly);
  }

  /** Which core is free first. */
  private static int first(double[] free) {
    int first = 0;
    for (int core = 1; core < free.length; core++) {
      first = free[core] < free[first] ? core : first;
    }
    return first;
  }

  private static String line(Process function) throws IOException {
    String line = function.inputReader().readLine();
    if (line == null) {
      throw new IOException("a function of the class ended");
    }
    return line;
  }
}
