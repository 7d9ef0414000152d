package dev.fareway.operator.shard;

import java.util.concurrent.TimeUnit;

/**
 * When the next of the reports on waiting pods may be written: after bindings, and only a share of
 * what the API server can take. How long a write takes tells how busy that is: the next comes a
 * multiple of that later. A few at once are not held up, so that who tries one pod is told at once.
 *
 * <p>Pure: times are told, in nanoseconds of any origin. Not thread-safe.
 */
final class ReportPace {
  /** A binding this recent means that others are on their way to being placed. */
  static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** For so long no report is written beside bindings: an endless stream of them has no gap. */
  static final long YIELD_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Not held up, if none was written for a while. */
  static final int BURST = 20;

  /**
   * From one report to the next while nothing is bound: 50 a second at most, a quarter of the time.
   */
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final int QUIET_TIMES = 4;

  /** From one report to the next while pods are bound: 4 a second at most, a 20th of the time. */
  private static final long BUSY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final int BUSY_TIMES = 20;

  /** A write that hangs does not hold up the next for longer than this. */
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

  private long dueNanos;
  private long boundNanos;

  /** Since when there is no moment without a binding under way. */
  private long sinceNanos;

  private int underWay;

  ReportPace(long nowNanos) {
    dueNanos = nowNanos;
    boundNanos = nowNanos - RECENT_NANOS;
  }

  /** A binding is sent. */
  void bindingBegan(long nowNanos) {
    if (underWay++ == 0) {
      sinceNanos = nowNanos;
    }
    boundNanos = nowNanos;
  }

  /**
   * A binding was answered, or given up.
   *
   * @return whether it was the last one under way
   */
  boolean bindingEnded(long nowNanos) {
    underWay--;
    boundNanos = nowNanos;
    return underWay == 0;
  }

  /** A report was written; its writing took so long. */
  void wrote(long tookNanos, long nowNanos) {
    boolean busy = isBusy(nowNanos);
    long interval =
        Math.min(
            LONGEST_NANOS,
            Math.max(
                busy ? BUSY_NANOS : QUIET_NANOS, (busy ? BUSY_TIMES : QUIET_TIMES) * tookNanos));
    // What was not made use of is there to be used at once, up to a limit.
    long earliest = nowNanos - BURST * interval;
    dueNanos = (dueNanos - earliest < 0 ? earliest : dueNanos) + interval;
  }

  /** How long to wait before the next is written: 0 if not at all; to be asked anew thereafter. */
  long waitNanos(long nowNanos) {
    long yield = underWay == 0 ? 0 : sinceNanos + YIELD_NANOS - nowNanos;
    return Math.max(0, Math.max(dueNanos - nowNanos, yield));
  }

  private boolean isBusy(long nowNanos) {
    return underWay > 0 || nowNanos - boundNanos < RECENT_NANOS;
  }
}
