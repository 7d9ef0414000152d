package dev.fareway.node.core;

/**
 * When a node counts as short of memory, and in which steps something is done about it.
 *
 * @param criticalBytes less than that available: it runs out
 * @param lowBytes less than that available: pressure begins
 * @param highBytes this much available: pressure is over
 * @param stepBytes the most that is pushed out or brought back at once
 * @param freeze whether functions that nobody probes may be stopped while they are pushed out
 */
public record MemoryOptions(
    long criticalBytes, long lowBytes, long highBytes, long stepBytes, boolean freeze) {
  private static final long MEBIBYTE = 1024 * 1024;

  public MemoryOptions {
    if (criticalBytes < 0
        || lowBytes < criticalBytes
        || highBytes < lowBytes
        || highBytes <= 0
        || stepBytes <= 0) {
      throw new IllegalArgumentException(
          "critical %d, low %d, high %d, step %d: they must be in this order, and a step more than 0"
              .formatted(criticalBytes, lowBytes, highBytes, stepBytes));
    }
  }

  /**
   * Watermarks as percentages of a node's memory, a step as a 32nd of it between 8 and 64 MiB. For
   * example 4, 10 and 15 percent of 8 GiB: 328, 819 and 1229 MiB, in steps of 64 MiB.
   */
  public static MemoryOptions ofPercent(
      long totalBytes, int critical, int low, int high, boolean freeze) {
    return new MemoryOptions(
        totalBytes / 100 * critical,
        totalBytes / 100 * low,
        totalBytes / 100 * high,
        Math.clamp(totalBytes / 32, 8 * MEBIBYTE, 64 * MEBIBYTE),
        freeze);
  }
}
