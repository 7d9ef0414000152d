package dev.fareway.node.core;

/** How Linux is to schedule the threads of a container (sched(7)). */
public sealed interface ThreadPolicy {
  /** As the thread was before it was touched: for all but the exotic, SCHED_OTHER at nice 0. */
  record Normal() implements ThreadPolicy {}

  /**
   * The normal scheduler with a share by nice value: where pods can't be given a {@code
   * cpu.weight}.
   *
   * @param value 0 (most) to 19 (least); never below 0, so that the node's own services keep up
   */
  record Nice(int value) implements ThreadPolicy {
    private static final int LEAST = 19;
    private static final double DECADES = Math.log10(10_000);

    public Nice {
      if (value < 0 || value > LEAST) {
        throw new IllegalArgumentException("nice value %d: it must be 0 to 19".formatted(value));
      }
    }

    /**
     * The nice value that stands for a {@code cpu.weight}: equal steps for equal ratios, 10,000
     * becomes 0, 100 becomes 10 and 1 becomes 19.
     *
     * @param cpuWeight 1 to 10,000
     */
    public static Nice ofWeight(int cpuWeight) {
      return new Nice((int) Math.round(LEAST * (1 - Math.log10(cpuWeight) / DECADES)));
    }
  }

  /** Only when nobody else wants the CPU, SCHED_IDLE. */
  record Idle() implements ThreadPolicy {}

  /**
   * Before every normal thread and every real-time thread of lower priority, first come first
   * served: SCHED_FIFO.
   *
   * @param priority 1 to {@link #MAX_PRIORITY}
   */
  record RealTime(int priority) implements ThreadPolicy {
    /**
     * The highest that a function's thread is given: a sidecar of the dearest class. The kernel's
     * own threads are at 50 and above.
     */
    public static final int MAX_PRIORITY = 40;

    public RealTime {
      if (priority < 1 || priority > MAX_PRIORITY) {
        throw new IllegalArgumentException(
            "real-time priority %d: it must be 1 to %d".formatted(priority, MAX_PRIORITY));
      }
    }
  }
}
