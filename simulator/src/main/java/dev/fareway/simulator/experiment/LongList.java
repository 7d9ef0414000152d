package dev.fareway.simulator.experiment;

import java.util.Arrays;

/** A list of longs that knows its quantiles. */
final class LongList {
  private long[] values = new long[16];
  private int size;
  private boolean sorted;

  void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
    sorted = false;
  }

  void addAll(LongList other) {
    for (int i = 0; i < other.size; i++) {
      add(other.values[i]);
    }
  }

  int size() {
    return size;
  }

  /**
   * The least value that a share {@code quantile} of all values does not exceed.
   *
   * @throws IllegalStateException if there are none
   */
  long quantile(double quantile) {
    if (size == 0) {
      throw new IllegalStateException("no values");
    }
    if (!sorted) {
      Arrays.sort(values, 0, size);
      sorted = true;
    }
    return values[Math.max(0, (int) Math.ceil(quantile * size) - 1)];
  }
}
