package dev.fareway.node.meter;

import java.util.concurrent.TimeUnit;

/**
 * When a node's usage is written: at most once in an interval, and only if it has changed enough;
 * whatever has changed, after ten intervals. So 5,000 nodes with an interval of 30 s write at most
 * 167 times a second, and some 17 times when little changes.
 */
final class WritePace {
  private static final long PATIENCE = 10;

  private final long intervalNanos;
  private boolean wroteOnce;
  private long lastNanos;

  WritePace(long intervalNanos) {
    this.intervalNanos = intervalNanos;
  }

  boolean allows(long nowNanos, boolean significant) {
    if (!wroteOnce) {
      return true;
    }
    long since = nowNanos - lastNanos;
    return since >= intervalNanos && (significant || since >= PATIENCE * intervalNanos);
  }

  void wrote(long nowNanos) {
    wroteOnce = true;
    lastNanos = nowNanos;
  }

  long seconds() {
    return Math.max(1, TimeUnit.NANOSECONDS.toSeconds(intervalNanos));
  }
}
