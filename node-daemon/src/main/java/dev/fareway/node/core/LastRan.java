package dev.fareway.node.core;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * When each function last ran, told from the CPU time that it has used. A runtime that only ticks
 * over, with less than a hundredth of a CPU, does not run. Pure; not thread-safe.
 */
public final class LastRan {
  private static final long NANOS_PER_MICRO = 1000;
  private static final int TICKING_OVER = 100;

  private record Seen(long cpuMicros, long atNanos, long ranNanos) {}

  private final Map<String, Seen> seen = new HashMap<>();

  /**
   * Takes what a function has used so far, and says when it last ran; one that is seen for the
   * first time runs now.
   */
  public long note(String uid, long cpuMicros, long nowNanos) {
    Seen last = seen.get(uid);
    long ran = nowNanos;
    if (last != null) {
      long used = (cpuMicros - last.cpuMicros) * NANOS_PER_MICRO;
      ran = used * TICKING_OVER > nowNanos - last.atNanos ? nowNanos : last.ranNanos;
    }
    seen.put(uid, new Seen(cpuMicros, nowNanos, ran));
    return ran;
  }

  /** Forgets all others. */
  public void retain(Set<String> uids) {
    seen.keySet().retainAll(uids);
  }
}
