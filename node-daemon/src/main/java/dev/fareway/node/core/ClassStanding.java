package dev.fareway.node.core;

import java.util.OptionalInt;

/**
 * What a price class is among the others, as the operator has ranked it.
 *
 * @param rank 0 for the cheapest
 * @param realtimePriority 1 to 39; empty: it stays on the normal scheduler
 * @param cpuWeight 1 to 10,000
 */
public record ClassStanding(int rank, OptionalInt realtimePriority, int cpuWeight) {
  public ClassStanding {
    if (rank < 0 || cpuWeight < 1 || cpuWeight > 10_000) {
      throw new IllegalArgumentException(
          "rank %d, cpuWeight %d: out of range".formatted(rank, cpuWeight));
    }
    if (realtimePriority.isPresent()
        && (realtimePriority.getAsInt() < 1 || realtimePriority.getAsInt() > 39)) {
      throw new IllegalArgumentException(
          "realtimePriority %d: it must be 1 to 39".formatted(realtimePriority.getAsInt()));
    }
  }
}
