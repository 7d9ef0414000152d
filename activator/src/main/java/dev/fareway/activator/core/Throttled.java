package dev.fareway.activator.core;

import java.util.OptionalInt;

/**
 * What a function that its budget throttles may take: as many invocations at once as it has pods.
 *
 * <p>Its pace is its pods' own: their CPU is capped by the budget, so one invocation on each is all
 * the work that the budget pays for, however long it takes. What comes beyond is neither sent on,
 * where it would only slow down the others, nor held back, where it would have the function scaled
 * up. Where there is no pod, none is called for: a throttled function gets no new instances.
 */
public final class Throttled {
  /** When one of its pods may well be free again. */
  static final int BUSY_SECONDS = 1;

  /** When its budget may well allow new instances again. */
  static final int AWAY_SECONDS = 60;

  private Throttled() {}

  /**
   * Whether one more is too many.
   *
   * @param pods how many it has, ready
   * @param present its invocations that run or wait
   * @return after how many seconds to try again; empty: let it in
   */
  public static OptionalInt retryAfterSeconds(int pods, int present) {
    if (present < pods) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(pods == 0 ? AWAY_SECONDS : BUSY_SECONDS);
  }
}
