package dev.fareway.e2e.load;

import java.util.random.RandomGenerator;

/**
 * A bounded Pareto distribution of run times, in microseconds of CPU time: long tailed as
 * functions' run times are, yet no request longer than the bound.
 *
 * <p>Example: alpha 1.5 from 1,500 to 50,000 has a mean of about 3,740, a median of 2,373 and a
 * 99th percentile of about 24,500.
 *
 * @param alpha the tail's index, above 0; the smaller, the longer the tail
 * @param minMicros the shortest run time, at least 1
 * @param maxMicros the longest run time, above the shortest
 */
public record RunTimes(double alpha, int minMicros, int maxMicros) {
  /** Checks the ranges. */
  public RunTimes {
    if (!(alpha > 0) || alpha == 1) {
      throw new IllegalArgumentException("alpha must be above 0 and not 1: " + alpha);
    }
    if (minMicros < 1 || maxMicros <= minMicros) {
      throw new IllegalArgumentException(
          "run times must have 1 <= min < max: " + minMicros + ", " + maxMicros);
    }
  }

  /** The mean run time in microseconds. */
  public double meanMicros() {
    double ratio = (double) minMicros / maxMicros;
    return minMicros
        * (alpha / (alpha - 1))
        * (1 - Math.pow(ratio, alpha - 1))
        / (1 - Math.pow(ratio, alpha));
  }

  /**
   * The run time below which the given part of all lie, in microseconds.
   *
   * @param quantile from 0 to 1
   */
  public double quantileMicros(double quantile) {
    double cut = 1 - Math.pow((double) minMicros / maxMicros, alpha);
    return minMicros * Math.pow(1 - quantile * cut, -1 / alpha);
  }

  /** Draws one run time, in microseconds. */
  int drawMicros(RandomGenerator random) {
    return (int) Math.min(maxMicros, Math.round(quantileMicros(random.nextDouble())));
  }
}
