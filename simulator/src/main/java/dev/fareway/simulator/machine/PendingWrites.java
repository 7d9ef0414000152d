package dev.fareway.simulator.machine;

import java.util.Arrays;

/**
 * What a swap device has still to write: each write has its turn, reads may lie in between. Time
 * only goes forward.
 */
final class PendingWrites {
  private long[] begins = new long[8];
  private long[] ends = new long[8];
  private long[] bytes = new long[8];
  private int first;
  private int size;
  private long waiting;

  /** Adds one that comes after all others. */
  void add(long beginNanos, long endNanos, long howMuch) {
    if (size == begins.length) {
      begins = grown(begins);
      ends = grown(ends);
      bytes = grown(bytes);
      first = 0;
    }
    int at = (first + size++) & (begins.length - 1);
    begins[at] = beginNanos;
    ends[at] = endNanos;
    bytes[at] = howMuch;
    waiting += howMuch;
  }

  /** How much is not written by now; what is being written counts by the part that is left. */
  long left(long nowNanos) {
    while (size > 0 && ends[first] <= nowNanos) {
      waiting -= bytes[first];
      first = (first + 1) & (begins.length - 1);
      size--;
    }
    if (size == 0 || begins[first] >= nowNanos) {
      return waiting;
    }
    double done = (double) (nowNanos - begins[first]) / (ends[first] - begins[first]);
    return waiting - (long) (bytes[first] * done);
  }

  /** Whether a write is under way, after {@link #left} of the same time. */
  boolean isWriting(long nowNanos) {
    return size > 0 && begins[first] <= nowNanos;
  }

  private long[] grown(long[] ring) {
    long[] larger = Arrays.copyOfRange(ring, first, first + 2 * size);
    System.arraycopy(ring, 0, larger, size - first, first);
    return larger;
  }
}
