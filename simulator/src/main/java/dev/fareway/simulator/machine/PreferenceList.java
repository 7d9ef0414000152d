package dev.fareway.simulator.machine;

import java.util.Arrays;

/**
 * Functions in the order in which a machine prefers them: by rank downward, then by arrival on the
 * machine. An array: lists are short, and both ends are in use.
 */
final class PreferenceList {
  private final Functions functions;
  private final boolean ranked;
  private int[] rows = new int[16];
  private int size;

  /**
   * An empty list.
   *
   * @param ranked whether ranks count
   */
  PreferenceList(Functions functions, boolean ranked) {
    this.functions = functions;
    this.ranked = ranked;
  }

  int size() {
    return size;
  }

  int get(int position) {
    return rows[position];
  }

  int last() {
    return rows[size - 1];
  }

  void add(int function) {
    if (size == rows.length) {
      rows = Arrays.copyOf(rows, 2 * size);
    }
    int position = positionOf(function);
    System.arraycopy(rows, position, rows, position + 1, size - position);
    rows[position] = function;
    size++;
  }

  /** Takes one out that is in it. */
  void remove(int function) {
    int position = positionOf(function);
    if (position == size || rows[position] != function) {
      throw new IllegalStateException("function %d is not here".formatted(function));
    }
    size--;
    System.arraycopy(rows, position + 1, rows, position, size - position);
  }

  /** How many are of this rank or a higher one; only where ranks count. */
  int countFrom(int rank) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (functions.rank[rows[middle]] >= rank) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Where a function stands, or would stand. */
  int positionOf(int function) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (goesBefore(rows[middle], function)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  boolean goesBefore(int a, int b) {
    if (ranked && functions.rank[a] != functions.rank[b]) {
      return functions.rank[a] > functions.rank[b];
    }
    return functions.turn[a] < functions.turn[b];
  }
}
