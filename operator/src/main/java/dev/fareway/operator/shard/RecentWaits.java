package dev.fareway.operator.shard;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** How long those waited that were placed in the last minute, in six slots of ten seconds. */
final class RecentWaits {
  private static final long SLOT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int SLOTS = 6;

  private final long[] slots = new long[SLOTS];
  private final int[] counts = new int[SLOTS];
  private final long[] sums = new long[SLOTS];
  private final long[] longests = new long[SLOTS];

  /**
   * What became of the last minute.
   *
   * @param placed how many were placed
   * @param meanNanos how long they waited on average; 0 if there was none
   * @param longestNanos the longest wait among them
   */
  record Summary(int placed, long meanNanos, long longestNanos) {
    static final Summary NONE = new Summary(0, 0, 0);
  }

  RecentWaits() {
    Arrays.fill(slots, Long.MIN_VALUE);
  }

  void placed(long waitedNanos, long nowNanos) {
    long slot = Math.floorDiv(nowNanos, SLOT_NANOS);
    int at = (int) Math.floorMod(slot, (long) SLOTS);
    if (slots[at] != slot) {
      slots[at] = slot;
      counts[at] = 0;
      sums[at] = 0;
      longests[at] = 0;
    }
    long waited = Math.max(0, waitedNanos);
    counts[at]++;
    // A wait of years, many times: the mean is then of no interest, but must not be negative.
    sums[at] = Long.MAX_VALUE - sums[at] < waited ? Long.MAX_VALUE : sums[at] + waited;
    longests[at] = Math.max(longests[at], waited);
  }

  Summary summary(long nowNanos) {
    long oldest = Math.floorDiv(nowNanos, SLOT_NANOS) - SLOTS + 1;
    int count = 0;
    double sum = 0;
    long longest = 0;
    for (int at = 0; at < SLOTS; at++) {
      if (slots[at] >= oldest) {
        count += counts[at];
        sum += sums[at];
        longest = Math.max(longest, longests[at]);
      }
    }
    return count == 0 ? Summary.NONE : new Summary(count, (long) (sum / count), longest);
  }
}
