package dev.fareway.simulator.trace;

/** A distribution known by some of its quantiles, linear in between. */
final class Quantiles {
  private final double[] shares;
  private final double[] values;

  /**
   * @param shares ascending, the first 0 and the last 1
   * @param values as many, ascending
   */
  Quantiles(double[] shares, double[] values) {
    this.shares = shares.clone();
    this.values = values.clone();
  }

  /** The value at a share from 0 to 1. */
  double at(double share) {
    int upper = 1;
    while (upper < shares.length - 1 && shares[upper] < share) {
      upper++;
    }
    double width = shares[upper] - shares[upper - 1];
    double part = width == 0 ? 1 : (share - shares[upper - 1]) / width;
    return values[upper - 1] + Math.clamp(part, 0, 1) * (values[upper] - values[upper - 1]);
  }

  double mean() {
    double sum = 0;
    for (int i = 1; i < shares.length; i++) {
      sum += (shares[i] - shares[i - 1]) * (values[i] + values[i - 1]) / 2;
    }
    return sum;
  }
}
