package dev.fareway.node.core;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Takes classes off real time before the kernel throttles all real-time threads of a CPU together
 * (sched(7), {@code sched_rt_runtime_us}): with 95% of a period allowed, a class that fills one CPU
 * would stop dearer ones there with it, however idle the other CPUs are.
 *
 * <p>Fed with samples of the use of each CPU by each rank. When on any CPU the sum of those on real
 * time stays at or above the limit for {@link #PATIENCE} samples, the cheapest rank that is on real
 * time there is taken off, and all below it with it, so that the order holds; when it and those
 * above would fit below the comfortable share of every CPU for {@link #CALM} samples, one rank is
 * put back. Not thread-safe.
 *
 * <p>Two CPUs at 40% each of rank 1 stay; one CPU at 90% of rank 1 does not, though together they
 * use less of the node's.
 */
public final class RealTimeGuard {
  /** Share of a CPU, 0 to 1, that real time may use where nothing else is said. */
  public static final double LIMIT = 0.85;

  private static final double COMFORT_OF_LIMIT = 0.6;
  static final int PATIENCE = 2;
  static final int CALM = 20;

  private final double limit;
  private int floor;
  private int hot;
  private int calm;

  /** A guard at {@link #LIMIT}. */
  public RealTimeGuard() {
    this(LIMIT);
  }

  /**
   * A guard.
   *
   * @param limit share of a CPU, more than 0, at most 1
   */
  public RealTimeGuard(double limit) {
    if (!(limit > 0 && limit <= 1)) {
      throw new IllegalArgumentException(
          "limit %s: it must be more than 0, at most 1".formatted(limit));
    }
    this.limit = limit;
  }

  /**
   * What may be used of a CPU, so that the kernel never throttles and the system keeps its reserve.
   *
   * @param kernelShare what the kernel allows real time, 0 to 1; 0.95 where nothing was changed
   * @param systemReserve what is left to kubelet, runtime and the rest beyond that, 0 to 0.9
   */
  public static double limit(double kernelShare, double systemReserve) {
    return Math.max(0.05, Math.min(kernelShare, 0.95) - systemReserve);
  }

  /** Share of a CPU at which a class is taken off. */
  public double limit() {
    return limit;
  }

  /** The lowest rank that may be on real time. */
  public int floor() {
    return floor;
  }

  /**
   * Takes a sample.
   *
   * @param cpus for each CPU, the share of it that each rank uses which asks for real time, on real
   *     time or not; CPUs that such ranks don't use may be left out
   * @return whether the floor has changed
   */
  public boolean sample(List<Map<Integer, Double>> cpus) {
    Integer below = null;
    for (var cpu : cpus) {
      Integer highest = new TreeMap<>(cpu).lowerKey(floor);
      if (highest != null && (below == null || highest > below)) {
        below = highest;
      }
    }
    double most = 0;
    double mostIfPutBack = 0;
    int cheapest = -1;
    for (var cpu : cpus) {
      var onRealTime = new TreeMap<>(cpu).tailMap(floor);
      double share = 0;
      for (double part : onRealTime.values()) {
        share += part;
      }
      if (share > most) {
        most = share;
        cheapest = onRealTime.firstKey();
      }
      double added = below == null ? 0 : cpu.getOrDefault(below, 0.0);
      mostIfPutBack = Math.max(mostIfPutBack, share + added);
    }
    hot = most >= limit ? hot + 1 : 0;
    if (hot >= PATIENCE) {
      floor = cheapest + 1;
      hot = 0;
      calm = 0;
      return true;
    }
    calm = floor > 0 && mostIfPutBack < limit * COMFORT_OF_LIMIT ? calm + 1 : 0;
    if (calm >= CALM) {
      floor = below == null ? 0 : below;
      calm = 0;
      return true;
    }
    return false;
  }
}
