package dev.fareway.e2e.load;

/**
 * A stretch of a load with steady rates.
 *
 * @param name what reports call it
 * @param millis its length in milliseconds, at least 1
 */
public record Phase(String name, long millis) {
  /** Checks the ranges. */
  public Phase {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a phase needs a name");
    }
    if (millis < 1) {
      throw new IllegalArgumentException("phase " + name + " must last at least 1 ms: " + millis);
    }
  }
}
