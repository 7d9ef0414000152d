package dev.fareway.simulator.report;

/**
 * One number that an experiment found.
 *
 * @param name in lower case with underscores
 * @param value not infinite and a number
 * @param unit "1" for a ratio
 */
public record Figure(String name, double value, String unit) {
  public Figure {
    if (!name.matches("[a-z0-9_]+") || !Double.isFinite(value)) {
      throw new IllegalArgumentException("figure '%s' is %s".formatted(name, value));
    }
  }
}
