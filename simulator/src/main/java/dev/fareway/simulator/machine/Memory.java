package dev.fareway.simulator.machine;

/**
 * A machine's memory and swap.
 *
 * @param totalBytes memory that functions can use, more than 0
 * @param swapBytes size of the swap device, 0 or more
 * @param initialBytes what a function has when it starts, 0 or more; the paper's is 100 MB
 * @param swapBytesPerSecond how fast the device brings memory back; 0: at no cost, as in the paper
 */
public record Memory(long totalBytes, long swapBytes, long initialBytes, long swapBytesPerSecond) {
  /** The paper's machine of figure 4: 32 GB, a 500 GB disk, swapping takes no time. */
  public static final Memory PAPER = new Memory(32_000_000_000L, 500_000_000_000L, 100_000_000L, 0);

  public Memory {
    if (totalBytes < 1 || swapBytes < 0 || initialBytes < 0 || swapBytesPerSecond < 0) {
      throw new IllegalArgumentException(
          "totalBytes %d, swapBytes %d, initialBytes %d, swapBytesPerSecond %d: out of range"
              .formatted(totalBytes, swapBytes, initialBytes, swapBytesPerSecond));
    }
  }
}
