package dev.fareway.simulator.experiment;

/**
 * The mean of independent runs, and the half width of its 95% confidence interval (Student's t).
 *
 * @param mean of the runs
 * @param margin 0 for a single run, of which nothing can be said
 */
record Estimate(double mean, double margin) {
  /** Student's t for 97.5%, by degrees of freedom from 1; beyond, a bound for all. */
  private static final double[] T = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042
  };

  static Estimate of(double[] runs) {
    double sum = 0;
    for (double run : runs) {
      sum += run;
    }
    double mean = sum / runs.length;
    if (runs.length == 1) {
      return new Estimate(mean, 0);
    }
    double squares = 0;
    for (double run : runs) {
      squares += (run - mean) * (run - mean);
    }
    double error = Math.sqrt(squares / (runs.length - 1) / runs.length);
    return new Estimate(mean, T[Math.min(runs.length - 1, T.length) - 1] * error);
  }

  double low() {
    return mean - margin;
  }

  double high() {
    return mean + margin;
  }
}
