package dev.fareway.simulator.machine;

/**
 * A machine's memory and swap.
 *
 * @param totalBytes memory that functions can use, more than 0
 * @param initialBytes what a function has when it starts, 0 or more; the paper's is 100 MB
 */
public record Memory(long totalBytes, long initialBytes, SwapDevice swap) {
  /** The paper's machine of figure 4: 32 GB, a 500 GB disk, swapping takes no time. */
  public static final Memory PAPER =
      new Memory(32_000_000_000L, 100_000_000L, SwapDevice.free(500_000_000_000L));

  public Memory {
    if (totalBytes < 1 || initialBytes < 0) {
      throw new IllegalArgumentException(
          "totalBytes %d, initialBytes %d: out of range".formatted(totalBytes, initialBytes));
    }
  }

  /** The same without swap. */
  public Memory withoutSwap() {
    return new Memory(totalBytes, initialBytes, SwapDevice.free(0));
  }
}
