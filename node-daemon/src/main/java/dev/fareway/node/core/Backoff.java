package dev.fareway.node.core;

import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: twice as long after every failure up to a limit, and drawn
 * from the upper half of that, so that the nodes of a cluster do not come back all at once.
 *
 * <p>With 200 ms first and 30 s at most: 100–200 ms, 200–400 ms, ..., 15–30 s.
 *
 * @param firstMillis at most after the first failure
 * @param maxMillis at most ever
 */
public record Backoff(long firstMillis, long maxMillis) {
  private static final int MAX_DOUBLINGS = 30;

  public Backoff {
    if (firstMillis < 1 || maxMillis < firstMillis) {
      throw new IllegalArgumentException(
          "backoff from %d to %d ms: it must be from 1 upward".formatted(firstMillis, maxMillis));
    }
  }

  /**
   * The pause.
   *
   * @param failures in a row so far, from 1
   */
  public long millis(int failures, RandomGenerator random) {
    int doublings = Math.clamp(failures - 1, 0, MAX_DOUBLINGS);
    long most = firstMillis > maxMillis >> doublings ? maxMillis : firstMillis << doublings;
    return most - random.nextLong(most / 2 + 1);
  }
}
