package dev.fareway.simulator.experiment;

import java.util.Arrays;

/** How far numbers lie apart. */
final class Spread {
  private Spread() {}

  /** 0 where there are none. */
  static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }

  /** The coefficient of variation: standard deviation by mean; 0 where all is 0. */
  static double variation(double[] values) {
    double mean = mean(values);
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return mean == 0 ? 0 : Math.sqrt(squares / values.length) / mean;
  }
}
