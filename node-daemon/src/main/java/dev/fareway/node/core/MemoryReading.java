package dev.fareway.node.core;

/**
 * What a node's memory looks like at one moment, in bytes.
 *
 * @param totalBytes all of it
 * @param availableBytes what can be taken without swapping
 * @param swapTotalBytes all swap; 0: the node has none
 * @param swapFreeBytes what is left of it
 * @param stalled whether work was held up for want of memory just now (pressure stall information);
 *     never taken for short memory by itself, because it has been seen high on idle nodes
 */
public record MemoryReading(
    long totalBytes,
    long availableBytes,
    long swapTotalBytes,
    long swapFreeBytes,
    boolean stalled) {
  public MemoryReading {
    if (totalBytes <= 0 || availableBytes < 0 || swapFreeBytes < 0 || swapTotalBytes < 0) {
      throw new IllegalArgumentException(
          "memory %d of %d, swap %d of %d: out of range"
              .formatted(availableBytes, totalBytes, swapFreeBytes, swapTotalBytes));
    }
  }
}
