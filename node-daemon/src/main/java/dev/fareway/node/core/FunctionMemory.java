package dev.fareway.node.core;

/**
 * What one function pod holds of a node's memory.
 *
 * @param rank of the class that it runs in, 0 for the cheapest
 * @param swappable whether its class may be swapped
 * @param freezable whether it may be stopped for the moment in which it is pushed out: not where
 *     the kubelet probes it
 * @param residentBytes anonymous memory that is there
 * @param swappedBytes what is in swap alone
 * @param lastRanNanos when it last used the CPU, on the caller's clock
 */
public record FunctionMemory(
    String uid,
    int rank,
    boolean swappable,
    boolean freezable,
    long residentBytes,
    long swappedBytes,
    long lastRanNanos) {
  public FunctionMemory {
    if (uid.isEmpty() || rank < 0 || residentBytes < 0 || swappedBytes < 0) {
      throw new IllegalArgumentException(
          "function '%s' of rank %d with %d and %d bytes: out of range"
              .formatted(uid, rank, residentBytes, swappedBytes));
    }
  }

  /** All that it holds, in memory and in swap. */
  public long bytes() {
    return residentBytes + swappedBytes;
  }
}
