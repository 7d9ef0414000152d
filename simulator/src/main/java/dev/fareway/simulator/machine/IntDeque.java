package dev.fareway.simulator.machine;

/** A double-ended queue of ints in a ring: allocates only when it grows. */
public final class IntDeque {
  private static final int[] EMPTY = {};

  private int[] ring = EMPTY;
  private int first;
  private int size;

  /** How many are in it. */
  public int size() {
    return size;
  }

  /** Adds one at the end. */
  public void addLast(int value) {
    grow();
    ring[(first + size++) & (ring.length - 1)] = value;
  }

  /** Adds one before all others. */
  public void addFirst(int value) {
    grow();
    first = (first - 1) & (ring.length - 1);
    ring[first] = value;
    size++;
  }

  /** Takes the first; there must be one. */
  public int removeFirst() {
    int value = ring[first];
    first = (first + 1) & (ring.length - 1);
    size--;
    return value;
  }

  private void grow() {
    if (size == ring.length) {
      int[] larger = new int[Math.max(4, 2 * size)];
      for (int i = 0; i < size; i++) {
        larger[i] = ring[(first + i) & (ring.length - 1)];
      }
      ring = larger;
      first = 0;
    }
  }
}
