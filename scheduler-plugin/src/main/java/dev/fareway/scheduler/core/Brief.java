package dev.fareway.scheduler.core;

/**
 * The room that a node has, in one number: rounded down, so that what fits by it fits. Needs are
 * rounded up. Most draws are judged by it alone; only where needs and room are about the same does
 * the node itself have to be looked at.
 *
 * <p>From the lowest bit up: whether it can be asked for its load; CPU in steps of 8 mCPU; memory
 * in steps of a MiB; pods. Example: 100 mCPU are 13 steps as a need and 12 as room.
 */
final class Brief {
  /** No node can be said to have such room by a brief. */
  static final long TOO_MUCH = -1;

  private static final int CPU_STEP_BITS = 3;
  private static final int MEMORY_STEP_BITS = 20;

  private static final int CPU_SHIFT = 1;
  private static final int MEMORY_SHIFT = 22;
  private static final int PODS_SHIFT = 49;

  private static final long MOST_CPU = (1L << (MEMORY_SHIFT - CPU_SHIFT)) - 1;
  private static final long MOST_MEMORY = (1L << (PODS_SHIFT - MEMORY_SHIFT)) - 1;
  private static final long MOST_PODS = (1L << (63 - PODS_SHIFT)) - 1;

  private static final long REACHABLE = 1;
  private static final long CPU = MOST_CPU << CPU_SHIFT;
  private static final long MEMORY = MOST_MEMORY << MEMORY_SHIFT;
  private static final long PODS = MOST_PODS << PODS_SHIFT;

  private Brief() {}

  /** What there is. */
  static long room(long milliCpus, long memoryBytes, long pods, boolean reachable) {
    return (reachable ? REACHABLE : 0)
        | clamped(milliCpus >> CPU_STEP_BITS, MOST_CPU) << CPU_SHIFT
        | clamped(memoryBytes >> MEMORY_STEP_BITS, MOST_MEMORY) << MEMORY_SHIFT
        | clamped(pods, MOST_PODS) << PODS_SHIFT;
  }

  /** What is needed; {@link #TOO_MUCH} if it can't be written down so. */
  static long needs(Room needs) {
    long cpu = (needs.milliCpus() + (1 << CPU_STEP_BITS) - 1) >> CPU_STEP_BITS;
    long memory = (needs.memoryBytes() + (1 << MEMORY_STEP_BITS) - 1) >> MEMORY_STEP_BITS;
    return !needs.isPlain() || cpu > MOST_CPU || memory > MOST_MEMORY || needs.pods() > MOST_PODS
        ? TOO_MUCH
        : cpu << CPU_SHIFT | memory << MEMORY_SHIFT | needs.pods() << PODS_SHIFT;
  }

  /** Whether what is needed surely fits. */
  static boolean fits(long needs, long room) {
    return (needs & CPU) <= (room & CPU)
        && (needs & MEMORY) <= (room & MEMORY)
        && (needs & PODS) <= (room & PODS);
  }

  /** Whether the node can be asked for its load. */
  static boolean isReachable(long room) {
    return (room & REACHABLE) != 0;
  }

  private static long clamped(long steps, long most) {
    return Math.max(0, Math.min(steps, most));
  }
}
