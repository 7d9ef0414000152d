package dev.fareway.crds.usage;

/**
 * A sum of 64-bit numbers that needs more than 64 bits: so many whole units, and the rest. The sum
 * of all nodes' CPU nanoseconds passes 64 bits at 3,548 busy CPUs in a month.
 *
 * <p>Not thread-safe.
 */
final class Wide {
  private final long unit;
  private long whole;

  /** 0 or more, below the unit. */
  private long rest;

  Wide(long unit) {
    this.unit = unit;
  }

  /** Adds; a negative number takes away. */
  void add(long amount) {
    whole = Math.addExact(whole, Math.floorDiv(amount, unit));
    rest += Math.floorMod(amount, unit);
    if (rest >= unit) {
      rest -= unit;
      whole = Math.incrementExact(whole);
    }
  }

  void add(Wide other) {
    add(other.rest);
    whole = Math.addExact(whole, other.whole);
  }

  /** What is left beside the whole units: 0 or more, below the unit. */
  long rest() {
    return rest;
  }

  /** Whole units. */
  long whole() {
    return whole;
  }

  /**
   * The exact number.
   *
   * @throws ArithmeticException if it does not fit into 64 bits
   */
  long exact() {
    return Math.addExact(Math.multiplyExact(whole, unit), rest);
  }

  boolean isZero() {
    return whole == 0 && rest == 0;
  }
}
