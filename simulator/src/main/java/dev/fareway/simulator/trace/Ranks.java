package dev.fareway.simulator.trace;

import dev.fareway.simulator.workload.PriceClasses;
import dev.fareway.simulator.workload.Seeds;
import java.util.List;
import java.util.random.RandomGenerator;

/** The price class of each function of a trace, drawn by the classes' shares. */
final class Ranks {
  private Ranks() {}

  static int[] draw(List<Function> functions, PriceClasses classes, long seed) {
    RandomGenerator random = Seeds.stream(seed, Seeds.Stream.CLASSES);
    int half = classes.count() / 2;
    int[] ranks = new int[functions.size()];
    for (int i = 0; i < ranks.length; i++) {
      double draw = random.nextDouble();
      ranks[i] =
          switch (functions.get(i).trigger()) {
            case HTTP -> rank(classes, half, classes.count(), draw);
            case OTHER -> rank(classes, 0, half, draw);
            case UNKNOWN -> rank(classes, 0, classes.count(), draw);
          };
    }
    return ranks;
  }

  private static int rank(PriceClasses classes, int from, int to, double draw) {
    double sum = 0;
    for (int rank = from; rank < to; rank++) {
      sum += classes.weights().get(rank);
    }
    double left = draw * sum;
    int rank = from;
    while (rank < to - 1 && left >= classes.weights().get(rank)) {
      left -= classes.weights().get(rank++);
    }
    return rank;
  }
}
