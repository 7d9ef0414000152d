package dev.fareway.activator.core;

/**
 * Seeds of random tests: printed, and taken from the system property {@code fareway.seed} where it
 * is set.
 */
final class Seeds {
  private Seeds() {}

  static long next() {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    System.out.println("fareway.seed=" + seed);
    return seed;
  }
}
