package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How much of each CPU the pods of each rank use, sample by sample.
 *
 * <p>A pod's use is its cgroup's. Which CPU it was on is known of its threads only: a thread's use
 * counts for the CPU on which it ran last, what no living thread accounts for is spread evenly.
 * Threads of pods that use less than a hundredth of a CPU are not looked at. Hundreds of pods take
 * a while: a sample is taken on a thread that nobody waits for. Not thread-safe.
 */
public final class RealTimeUse {
  private static final double WORTH_A_LOOK = 0.01;
  private static final int PROCESSOR = 39 - 3;

  private final OpenCounters counters = new OpenCounters();
  private Map<String, Long> podMicros = new HashMap<>();
  private Map<Integer, Long> threadNanos = new HashMap<>();

  /** A pod of a rank. */
  public record RankedPod(String uid, int rank, Path cgroup) {}

  /** Forgets: the next sample is the first one again. */
  public void clear() {
    podMicros.clear();
    threadNanos.clear();
    counters.close();
  }

  /**
   * Takes a sample.
   *
   * @param elapsedMicros since the last, more than 0
   * @param cpus how many there are
   * @return the share of each CPU that each rank used; empty at the first
   */
  public List<Map<Integer, Double>> sample(
      Collection<RankedPod> pods, long elapsedMicros, int cpus) {
    var byCpu = new ArrayList<Map<Integer, Double>>();
    for (int cpu = 0; cpu < cpus; cpu++) {
      byCpu.add(new TreeMap<>());
    }
    var micros = new HashMap<String, Long>();
    var nanos = new HashMap<Integer, Long>();
    for (RankedPod pod : pods) {
      long now = counters.cpuMicros(pod.cgroup).orElse(-1);
      if (now < 0) {
        continue;
      }
      micros.put(pod.uid, now);
      Long before = podMicros.get(pod.uid);
      double share = before == null ? 0 : (now - before) / (double) elapsedMicros;
      if (share >= WORTH_A_LOOK) {
        share -= threads(pod, elapsedMicros, byCpu, nanos);
      }
      if (share > 0) {
        for (Map<Integer, Double> cpu : byCpu) {
          cpu.merge(pod.rank, share / cpus, Double::sum);
        }
      }
    }
    podMicros = micros;
    threadNanos = nanos;
    counters.retain(pods.stream().map(RankedPod::cgroup).collect(Collectors.toSet()));
    return byCpu;
  }

  private double threads(
      RankedPod pod,
      long elapsedMicros,
      List<Map<Integer, Double>> byCpu,
      Map<Integer, Long> nanos) {
    double sum = 0;
    try {
      for (Path container : PodCgroups.containers(pod.cgroup)) {
        for (int tid : PodCgroups.threads(container)) {
          Path task = Path.of("/proc/%d/task/%d".formatted(tid, tid));
          long now = ran(task);
          nanos.put(tid, now);
          Long before = threadNanos.get(tid);
          if (before == null || now <= before) {
            continue;
          }
          double share = (now - before) / 1000.0 / elapsedMicros;
          int cpu = lastCpu(task);
          if (cpu >= 0 && cpu < byCpu.size()) {
            byCpu.get(cpu).merge(pod.rank, share, Double::sum);
            sum += share;
          }
        }
      }
    } catch (IOException e) {
      // What is not accounted for is spread.
    }
    return sum;
  }

  /** Nanoseconds on a CPU so far ({@code schedstat}); 0 if the thread is gone or none is kept. */
  private static long ran(Path task) {
    try {
      String all = Files.readString(task.resolve("schedstat"), US_ASCII);
      return Long.parseLong(all.substring(0, all.indexOf(' ')));
    } catch (IOException | RuntimeException e) {
      return 0;
    }
  }

  private static int lastCpu(Path task) {
    try {
      String stat = Files.readString(task.resolve("stat"), US_ASCII);
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[PROCESSOR]);
    } catch (IOException | RuntimeException e) {
      return -1;
    }
  }
}
