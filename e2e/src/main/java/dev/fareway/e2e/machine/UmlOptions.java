package dev.fareway.e2e.machine;

import java.time.Duration;

/**
 * What a User-Mode Linux node is booted with.
 *
 * @param memoryMiB the node's memory in MiB, 128 or more
 * @param swapMiB the size of its swap device in MiB; 0: no swap
 * @param bootLimit how long the boot may take
 * @param lifetime after which the node powers itself off, whatever happened to its host
 */
public record UmlOptions(int memoryMiB, int swapMiB, Duration bootLimit, Duration lifetime) {
  public UmlOptions {
    if (memoryMiB < 128) {
      throw new IllegalArgumentException(
          "memoryMiB is %d: a node needs 128 or more".formatted(memoryMiB));
    }
    if (swapMiB < 0) {
      throw new IllegalArgumentException("swapMiB is %d: use 0 for no swap".formatted(swapMiB));
    }
    if (bootLimit.isNegative() || bootLimit.isZero() || lifetime.compareTo(bootLimit) < 0) {
      throw new IllegalArgumentException(
          "bootLimit %s and lifetime %s: the first is positive and the second not shorter"
              .formatted(bootLimit, lifetime));
    }
  }

  /** 512 MiB of memory and as much swap, 60 s to boot, 10 minutes to live. */
  public static UmlOptions defaults() {
    return new UmlOptions(512, 512, Duration.ofSeconds(60), Duration.ofMinutes(10));
  }
}
