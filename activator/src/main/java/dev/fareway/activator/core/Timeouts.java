package dev.fareway.activator.core;

/**
 * The timeouts of one invocation, all counted from its arrival but the idle one, which counts from
 * the last byte that its function sent, or from arrival while there was none.
 */
public final class Timeouts {
  /** Which has passed. */
  public enum Verdict {
    /** None. */
    GO_ON,
    /** It has waited for a pod for longer than the activator lets anyone wait. */
    WAITED_TOO_LONG,
    /** One of its function's. */
    TIMED_OUT
  }

  private final FunctionSettings settings;
  private final long maxWaitNanos;
  private final long arrivedNanos;
  private long lastByteNanos;
  private boolean started;

  /**
   * The timeouts of one that has just arrived.
   *
   * @param maxWaitNanos how long it may wait for a pod; 0: as long as its function allows
   */
  public Timeouts(FunctionSettings settings, long maxWaitNanos, long arrivedNanos) {
    this.settings = settings;
    this.maxWaitNanos = maxWaitNanos;
    this.arrivedNanos = arrivedNanos;
    lastByteNanos = arrivedNanos;
  }

  /** The function has sent something. */
  public void byteSent(long nowNanos) {
    started = true;
    lastByteNanos = nowNanos;
  }

  /** Whether a byte that is sent moves the next timeout. */
  public boolean moveWithBytes() {
    return settings.idleNanos() > 0 || (!started && settings.responseStartNanos() > 0);
  }

  /**
   * When the next one passes.
   *
   * @param isWaiting whether it waits for a pod
   */
  public long dueNanos(boolean isWaiting) {
    long due = arrivedNanos + settings.timeoutNanos();
    if (!started && settings.responseStartNanos() > 0) {
      due = Math.min(due, arrivedNanos + settings.responseStartNanos());
    }
    if (settings.idleNanos() > 0) {
      due = Math.min(due, lastByteNanos + settings.idleNanos());
    }
    if (isWaiting && maxWaitNanos > 0) {
      due = Math.min(due, arrivedNanos + maxWaitNanos);
    }
    return due;
  }

  /** Which has passed by now; its function's own goes before the activator's. */
  public Verdict judge(boolean isWaiting, long nowNanos) {
    if (nowNanos >= dueNanos(false)) {
      return Verdict.TIMED_OUT;
    }
    return isWaiting && nowNanos >= dueNanos(true) ? Verdict.WAITED_TOO_LONG : Verdict.GO_ON;
  }
}
