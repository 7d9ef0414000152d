package dev.fareway.simulator.workload;

import java.util.random.RandomGenerator;

/**
 * How long invocations run (the paper, section 4.1): each function has a least run time x_m from a
 * normal distribution, and its invocations are Pareto distributed from there, with the same α for
 * all.
 *
 * @param functions how many functions there are, 1 or more
 * @param alpha α of the Pareto distribution: the smaller, the longer the tail; more than 1, else
 *     there is no mean
 * @param meanNanos mean of x_m, 1 or more
 * @param deviationNanos standard deviation of x_m, 0 or more; what is drawn below a tenth of the
 *     mean is drawn again
 */
public record Runtimes(int functions, double alpha, double meanNanos, double deviationNanos) {
  /** 1,000 functions, α = 2, x_m of 50 ± 15 ms: a mean run time of 100 ms. */
  public static final Runtimes DEFAULTS = new Runtimes(1000, 2, 50e6, 15e6);

  public Runtimes {
    if (functions < 1 || !(alpha > 1) || !(meanNanos >= 1) || !(deviationNanos >= 0)) {
      throw new IllegalArgumentException(
          "functions %d, alpha %s, meanNanos %s, deviationNanos %s: out of range"
              .formatted(functions, alpha, meanNanos, deviationNanos));
    }
  }

  /** Draws every function's x_m, in nanoseconds. */
  double[] drawMinimums(RandomGenerator random) {
    double[] minimums = new double[functions];
    for (int i = 0; i < functions; i++) {
      do {
        minimums[i] = meanNanos + deviationNanos * random.nextGaussian();
      } while (minimums[i] < meanNanos / 10);
    }
    return minimums;
  }

  /** The mean of a Pareto distribution per x_m. */
  double meanPerMinimum() {
    return alpha / (alpha - 1);
  }

  /** The mean over all functions, but for what is drawn again. */
  public double meanRuntimeNanos() {
    return meanNanos * meanPerMinimum();
  }

  /** An x_m for each of so many functions, whatever {@link #functions} says. */
  public double[] minimums(int count, long seed) {
    return new Runtimes(count, alpha, meanNanos, deviationNanos)
        .drawMinimums(Seeds.stream(seed, Seeds.Stream.FUNCTIONS));
  }

  /** A run time for a uniform number above 0, at most 1. */
  public long runtimeNanos(double minimum, double uniform) {
    double factor = alpha == 2 ? 1 / StrictMath.sqrt(uniform) : StrictMath.pow(uniform, -1 / alpha);
    return Math.max(1, (long) (minimum * factor));
  }
}
