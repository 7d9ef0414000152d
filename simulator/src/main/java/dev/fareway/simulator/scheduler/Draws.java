package dev.fareway.simulator.scheduler;

import java.util.random.RandomGenerator;

/** Draws a few distinct machines at random. */
final class Draws {
  private final RandomGenerator random;
  private final int machines;
  private final int[] drawn;

  /**
   * @param machines how many there are
   * @param count how many are drawn at a time; all of them if there are fewer
   */
  Draws(RandomGenerator random, int machines, int count) {
    this.random = random;
    this.machines = machines;
    this.drawn = new int[Math.min(count, machines)];
  }

  /** Distinct machines, in random order; the array is used again by the next call. */
  int[] next() {
    for (int i = 0; i < drawn.length; i++) {
      boolean again;
      do {
        drawn[i] = random.nextInt(machines);
        again = false;
        for (int j = 0; j < i; j++) {
          again |= drawn[j] == drawn[i];
        }
      } while (again);
    }
    return drawn;
  }
}
