package dev.fareway.node.core;

import java.util.Map;
import java.util.TreeMap;

/**
 * Takes classes off real time before the kernel throttles all real-time threads together (sched(7),
 * {@code sched_rt_runtime_us}): with 95% of a period allowed, a class that fills the CPUs would
 * stop dearer ones with it.
 *
 * <p>Fed with samples of the CPU use of each rank on real time. When the sum stays at or above
 * {@link #LIMIT} for {@link #PATIENCE} samples, the cheapest rank still on real time is taken off;
 * when it and those above would fit below {@link #COMFORT} for {@link #CALM} samples, one rank is
 * put back. Not thread-safe.
 */
public final class RealTimeGuard {
  /** Share of all CPUs, 0 to 1, at which a class is taken off. */
  public static final double LIMIT = 0.85;

  /** Share at which one is put back. */
  public static final double COMFORT = 0.5;

  static final int PATIENCE = 2;
  static final int CALM = 20;

  private int floor;
  private int hot;
  private int calm;

  /** The lowest rank that may be on real time. */
  public int floor() {
    return floor;
  }

  /**
   * Takes a sample.
   *
   * @param shareByRank CPU use of each rank that asks for real time, as a share of all CPUs, on
   *     real time or not
   * @return whether the floor has changed
   */
  public boolean sample(Map<Integer, Double> shareByRank) {
    var ranks = new TreeMap<>(shareByRank);
    double onRealTime = 0;
    for (double share : ranks.tailMap(floor).values()) {
      onRealTime += share;
    }
    hot = onRealTime >= LIMIT ? hot + 1 : 0;
    if (hot >= PATIENCE && !ranks.tailMap(floor).isEmpty()) {
      floor = ranks.tailMap(floor).firstKey() + 1;
      hot = 0;
      calm = 0;
      return true;
    }
    Map.Entry<Integer, Double> below = ranks.lowerEntry(floor);
    double ifPutBack = onRealTime + (below == null ? 0 : below.getValue());
    calm = floor > 0 && ifPutBack < COMFORT ? calm + 1 : 0;
    if (calm >= CALM) {
      floor = below == null ? 0 : below.getKey();
      calm = 0;
      return true;
    }
    return false;
  }
}
