package dev.fareway.activator.core;

/**
 * How fast a function may spend while its budget says Throttle: a bucket of money that fills evenly
 * and that each invocation is paid from.
 *
 * <p>What an invocation costs is known only after it has run, so it is let in while the bucket is
 * not in debt and charged when it ends; the debt keeps the next ones out for as long as it takes.
 * Example: 1,000 nano-units a second, an invocation that cost 5,000: the next is let in after 5 s.
 * Not thread-safe.
 */
public final class Pace {
  private final long burstNanoUnits;
  private long nanoUnitsPerSecond;
  private double balance;
  private long sinceNanos;

  /**
   * A full bucket.
   *
   * @param nanoUnitsPerSecond what may be spent in a second, in nano-units of the currency; 0 or
   *     more
   * @param burstNanoUnits how much may be spent at once after a rest; 0 or more
   */
  public Pace(long nanoUnitsPerSecond, long burstNanoUnits, long nowNanos) {
    if (nanoUnitsPerSecond < 0 || burstNanoUnits < 0) {
      throw new IllegalArgumentException(
          "%d a second and %d at once: neither may be negative"
              .formatted(nanoUnitsPerSecond, burstNanoUnits));
    }
    this.nanoUnitsPerSecond = nanoUnitsPerSecond;
    this.burstNanoUnits = burstNanoUnits;
    balance = (double) burstNanoUnits;
    sinceNanos = nowNanos;
  }

  /** Changes the pace from now on; debts stay. */
  public void change(long newNanoUnitsPerSecond, long nowNanos) {
    fill(nowNanos);
    nanoUnitsPerSecond = newNanoUnitsPerSecond;
  }

  /**
   * How long an invocation that arrives now should wait before it tries again.
   *
   * @return nanoseconds; 0: let it in; {@link Long#MAX_VALUE}: there is nothing to spend
   */
  public long waitNanos(long nowNanos) {
    fill(nowNanos);
    if (nanoUnitsPerSecond == 0) {
      return balance > 0 ? 0 : Long.MAX_VALUE;
    }
    return balance >= 0 ? 0 : (long) Math.ceil(-balance * 1e9 / (double) nanoUnitsPerSecond);
  }

  /** An invocation has cost this much, in nano-units. */
  public void charge(long nanoUnits, long nowNanos) {
    fill(nowNanos);
    balance -= (double) nanoUnits;
  }

  private void fill(long nowNanos) {
    double earned = (double) nanoUnitsPerSecond / 1e9 * (double) Math.max(0, nowNanos - sinceNanos);
    balance = Math.min((double) burstNanoUnits, balance + earned);
    sinceNanos = Math.max(sinceNanos, nowNanos);
  }
}
