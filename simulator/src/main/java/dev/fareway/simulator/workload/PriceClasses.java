package dev.fareway.simulator.workload;

import java.util.ArrayList;
import java.util.List;

/**
 * The price classes of an experiment, from the cheapest to the dearest, and how invocations spread
 * over them.
 *
 * @param pricesNanoUnits price of a CPU second in nano-units, ascending
 * @param weights share of the invocations of each class; they add up to 1
 */
public record PriceClasses(List<Long> pricesNanoUnits, List<Double> weights) {
  /** Width of the two modes, in classes. */
  private static final double SPREAD = 0.7;

  public PriceClasses {
    pricesNanoUnits = List.copyOf(pricesNanoUnits);
    weights = List.copyOf(weights);
    if (pricesNanoUnits.isEmpty() || pricesNanoUnits.size() != weights.size()) {
      throw new IllegalArgumentException(
          "%d prices and %d weights: there must be as many, and one at least"
              .formatted(pricesNanoUnits.size(), weights.size()));
    }
  }

  /**
   * Classes weighted bimodally (the paper, section 4.1): one mode at the cheapest, one at the
   * dearest; each falls off as a normal distribution does. Prices go evenly from 0.5 to 2
   * micro-units, the paper's examples.
   *
   * <p>Example: 5 classes of which the upper mode has 0.3: weights 0.52, 0.18, 0.01, 0.08, 0.22.
   *
   * @param count how many, 2 or more
   * @param upperShare share of the mode at the dearest, between 0 and 1
   */
  public static PriceClasses bimodal(int count, double upperShare) {
    if (count < 2 || !(upperShare > 0 && upperShare < 1)) {
      throw new IllegalArgumentException(
          "%d classes, upper share %s: there must be 2 classes or more, and a share between 0 and 1"
              .formatted(count, upperShare));
    }
    double mode = 0;
    for (int i = 0; i < count; i++) {
      mode += bell(i);
    }
    var prices = new ArrayList<Long>();
    var weights = new ArrayList<Double>();
    for (int i = 0; i < count; i++) {
      prices.add(500 + 1500L * i / (count - 1));
      weights.add(((1 - upperShare) * bell(i) + upperShare * bell(count - 1 - i)) / mode);
    }
    return new PriceClasses(prices, weights);
  }

  /** How many classes there are. */
  public int count() {
    return weights.size();
  }

  private static double bell(int distance) {
    return StrictMath.exp(-0.5 * (distance / SPREAD) * (distance / SPREAD));
  }
}
