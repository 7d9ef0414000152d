package dev.fareway.simulator.machine;

/**
 * A swap device: one queue, served in order. What is written leaves memory as it is written; what
 * is read is there when all that was asked before is done.
 *
 * @param sizeBytes 0 or more
 * @param readBytesPerSecond 0: reading and writing take no time, as in the paper (section 4.1)
 * @param writeBytesPerSecond more than 0 unless the device is free
 * @param accessNanos what each request costs beside, 0 or more
 */
public record SwapDevice(
    long sizeBytes, long readBytesPerSecond, long writeBytesPerSecond, long accessNanos) {
  public SwapDevice {
    if (sizeBytes < 0
        || readBytesPerSecond < 0
        || accessNanos < 0
        || writeBytesPerSecond < 0
        || (readBytesPerSecond == 0) != (writeBytesPerSecond == 0)) {
      throw new IllegalArgumentException(
          "sizeBytes %d, readBytesPerSecond %d, writeBytesPerSecond %d, accessNanos %d: out of range"
              .formatted(sizeBytes, readBytesPerSecond, writeBytesPerSecond, accessNanos));
    }
  }

  /** A device that takes no time. */
  public static SwapDevice free(long sizeBytes) {
    return new SwapDevice(sizeBytes, 0, 0, 0);
  }

  /** A SATA SSD as the paper prices it (PNY CS900): 550 MB/s, 500 MB/s, 100 µs. */
  public static SwapDevice sata(long sizeBytes) {
    return new SwapDevice(sizeBytes, 550_000_000L, 500_000_000L, 100_000);
  }

  /** An NVMe SSD of the usual kind: 5 GB/s, 4 GB/s, 80 µs. */
  public static SwapDevice nvme(long sizeBytes) {
    return new SwapDevice(sizeBytes, 5_000_000_000L, 4_000_000_000L, 80_000);
  }

  /** Whether it takes no time. */
  public boolean isFree() {
    return readBytesPerSecond == 0;
  }

  long readNanos(long bytes) {
    return isFree() ? 0 : accessNanos + (long) (bytes * 1e9 / readBytesPerSecond);
  }

  long writeNanos(long bytes) {
    return isFree() ? 0 : accessNanos + (long) (bytes * 1e9 / writeBytesPerSecond);
  }
}
