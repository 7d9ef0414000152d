package dev.fareway.operator.shard;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What instances of each function used of memory before: the first estimate for its next one, until
 * that one's node has counted it. Pure; one thread.
 *
 * <p>Nodes say how much memory a function's instances held over time, in byte seconds; how long
 * instances of it ran is known here. One over the other is what an instance holds on an average.
 * Example: two instances for 90 s and 45,000 MiB seconds reported give 45,000 / 180 = 250 MiB. The
 * recent counts more: when the time of instances has come to a day, both halve.
 *
 * <p>Room: a function that runs nowhere is remembered only as long as it is among the last {@value
 * #MAX_IDLE} that ran.
 */
final class FunctionMemory {
  /** Functions without an instance that are remembered. */
  static final int MAX_IDLE = 10_000;

  /** With less, one start or one late report would make the figure. */
  private static final double LEAST_INSTANCE_SECONDS = 60;

  private static final double HALVED_AT_INSTANCE_SECONDS = 86_400;

  private final Map<String, Use> running = new HashMap<>();
  private final Map<String, Use> idle = new LinkedHashMap<>();

  private static final class Use {
    int instances;
    long untilNanos;
    double instanceSeconds;
    double byteSeconds;
    long perInstance;

    void advance(long nowNanos) {
      instanceSeconds += instances * Math.max(0, nowNanos - untilNanos) / 1e9;
      untilNanos = Math.max(untilNanos, nowNanos);
    }
  }

  /** An instance has a node. */
  void began(String function, long nowNanos) {
    Use use = running.get(function);
    if (use == null) {
      use = idle.remove(function);
      if (use == null) {
        use = new Use();
      }
      use.untilNanos = nowNanos;
      running.put(function, use);
    }
    use.advance(nowNanos);
    use.instances++;
  }

  /** An instance that had a node is gone. */
  void ended(String function, long nowNanos) {
    Use use = running.get(function);
    if (use == null) {
      return;
    }
    use.advance(nowNanos);
    if (--use.instances == 0) {
      running.remove(function);
      idle.put(function, use);
      if (idle.size() > MAX_IDLE) {
        idle.remove(idle.keySet().iterator().next());
      }
    }
  }

  /**
   * A node has said that instances of a function held more memory over time.
   *
   * @param byteSeconds since the node's last word, more than 0
   */
  void used(String function, long byteSeconds, long nowNanos) {
    Use use = running.getOrDefault(function, idle.get(function));
    if (use == null) {
      return;
    }
    use.advance(nowNanos);
    use.byteSeconds += byteSeconds;
    if (use.instanceSeconds >= LEAST_INSTANCE_SECONDS) {
      use.perInstance = (long) (use.byteSeconds / use.instanceSeconds);
    }
    if (use.instanceSeconds >= HALVED_AT_INSTANCE_SECONDS) {
      use.instanceSeconds /= 2;
      use.byteSeconds /= 2;
    }
  }

  /** What an instance of a function used on an average, in bytes; empty if too little is known. */
  OptionalLong perInstance(String function) {
    Use use = running.getOrDefault(function, idle.get(function));
    return use == null || use.perInstance == 0
        ? OptionalLong.empty()
        : OptionalLong.of(use.perInstance);
  }

  /** How many functions are remembered. */
  int size() {
    return running.size() + idle.size();
  }
}
