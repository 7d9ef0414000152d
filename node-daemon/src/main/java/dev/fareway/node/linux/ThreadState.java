package dev.fareway.node.linux;

import dev.fareway.node.core.ThreadPolicy;

/**
 * How the kernel schedules a thread now: the part of {@code struct sched_attr} (sched_setattr(2))
 * that survives being put back.
 *
 * @param policy SCHED_OTHER, SCHED_FIFO, …
 * @param flags SCHED_FLAG_…
 * @param nice -20 to 19; on real time the kernel keeps it to itself and tells 0
 * @param priority 1 to 99 on real time, else 0
 */
record ThreadState(int policy, long flags, int nice, int priority) {
  static final int SCHED_OTHER = 0;
  static final int SCHED_FIFO = 1;
  static final int SCHED_BATCH = 3;
  static final int SCHED_IDLE = 5;
  static final int SCHED_DEADLINE = 6;

  /** What a new process has that asked for nothing. */
  static final ThreadState USUAL = new ThreadState(SCHED_OTHER, 0, 0, 0);

  /** Whether the thread has a reservation of its own with the kernel: it is never touched. */
  boolean isReserved() {
    return policy == SCHED_DEADLINE;
  }

  /**
   * What the thread had before this daemon, or one before it, touched it, judged by the first sight
   * of it. A policy that is one of ours was set by an earlier daemon, or inherited from a thread
   * that has ours: containers don't have the right to set it themselves.
   *
   * @param wanted what it is to get now
   */
  ThreadState original(ThreadPolicy wanted) {
    return switch (policy) {
      case SCHED_IDLE -> USUAL;
      case SCHED_FIFO -> priority <= ThreadPolicy.RealTime.MAX_PRIORITY ? USUAL : this;
      case SCHED_OTHER ->
          wanted instanceof ThreadPolicy.Nice(int value) && value == nice ? USUAL : this;
      default -> this;
    };
  }

  /** What the thread is to have under a policy, this being its original state. */
  ThreadState under(ThreadPolicy wanted) {
    return switch (wanted) {
      case ThreadPolicy.Normal() -> this;
      case ThreadPolicy.Nice(int value) ->
          new ThreadState(policy == SCHED_BATCH ? SCHED_BATCH : SCHED_OTHER, flags, value, 0);
      case ThreadPolicy.Idle() -> new ThreadState(SCHED_IDLE, flags, nice, 0);
      // Without reset on fork: what the thread starts is the function, too.
      case ThreadPolicy.RealTime(int value) -> new ThreadState(SCHED_FIFO, 0, 0, value);
    };
  }
}
