package dev.fareway.node.core;

/** How Linux is to schedule the threads of a container (sched(7)). */
public sealed interface ThreadPolicy {
  /** The normal scheduler, SCHED_OTHER. */
  record Normal() implements ThreadPolicy {}

  /** Only when nobody else wants the CPU, SCHED_IDLE. */
  record Idle() implements ThreadPolicy {}

  /**
   * Before every normal thread and every real-time thread of lower priority, first come first
   * served: SCHED_FIFO.
   *
   * @param priority 1 to 99
   */
  record RealTime(int priority) implements ThreadPolicy {
    public RealTime {
      if (priority < 1 || priority > 99) {
        throw new IllegalArgumentException(
            "real-time priority %d: it must be 1 to 99".formatted(priority));
      }
    }
  }
}
