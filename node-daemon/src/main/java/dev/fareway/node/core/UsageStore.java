package dev.fareway.node.core;

import java.util.List;

/**
 * Port: keeps this node's usage counters of a month, the node's {@code NodeUsage}, where operator
 * and users read them.
 *
 * <p>Both calls ask the API server once and wait for the answer, at most some seconds: not on a
 * thread that enforces.
 */
public interface UsageStore {
  /**
   * What one function used in one class on this node in a month, as the {@code NodeUsage} says it.
   *
   * @param cpuNanos CPU time in nanoseconds
   * @param memoryByteSeconds memory held over time, in byte seconds
   * @param costNanoUnits cost in billionths of the cluster's currency unit
   */
  record Usage(
      String namespace,
      String function,
      String priceClass,
      long cpuNanos,
      long memoryByteSeconds,
      long costNanoUnits) {
    public Usage {
      if (cpuNanos < 0 || memoryByteSeconds < 0 || costNanoUnits < 0) {
        throw new IllegalArgumentException(
            "usage of %s/%s in %s: %d, %d, %d: none may be negative"
                .formatted(
                    namespace, function, priceClass, cpuNanos, memoryByteSeconds, costNanoUnits));
      }
    }
  }

  /** What is kept of a month. */
  sealed interface Stored {
    record Found(List<Usage> usage) implements Stored {
      public Found {
        usage = List.copyOf(usage);
      }
    }

    /** Nothing was written for this month yet. */
    record Absent() implements Stored {}

    /** It is not known now: ask again, and count on from nothing less than what was last known. */
    record Unknown(String why) implements Stored {}
  }

  /** What became of a write. */
  sealed interface Written {
    record Done() implements Written {}

    /**
     * Not written.
     *
     * @param retry whether the same may succeed later; false: the API server refuses this content
     */
    record Failed(boolean retry, String why) implements Written {}
  }

  /**
   * Reads.
   *
   * @param month such as {@code 2026-11}
   */
  Stored read(String month);

  /** Writes all counters of a month, instead of those that were there; creates what is missing. */
  Written write(String month, List<Usage> usage);
}
