package dev.fareway.node.core;

import java.util.Optional;

/**
 * How much CPU time a cgroup may use: {@code cpu.max}, so many microseconds in each period.
 *
 * <p>The kernel takes quotas of a millisecond or more and periods of a second or less. So a
 * thousandth of a CPU, one millisecond in a second, is the least that can be had. From a hundredth
 * of a CPU on the period is the usual tenth of a second, so that a pod waits less for its turn: 100
 * thousandths are 10 ms in each 100 ms.
 *
 * @param quotaMicros how much, more than 0
 * @param periodMicros in each so many, more than 0
 */
public record CpuCeiling(long quotaMicros, long periodMicros) {
  private static final long USUAL_PERIOD = 100_000;
  private static final long LONGEST_PERIOD = 1_000_000;
  private static final int SMALL = 10;

  public CpuCeiling {
    if (quotaMicros <= 0 || periodMicros <= 0) {
      throw new IllegalArgumentException(
          "cpu.max %d %d: both must be more than 0".formatted(quotaMicros, periodMicros));
    }
  }

  /** So many thousandths of a CPU, 1 or more. */
  public static CpuCeiling ofMillis(int millis) {
    long period = millis < SMALL ? LONGEST_PERIOD : USUAL_PERIOD;
    return new CpuCeiling(millis * period / 1000, period);
  }

  /** Reads what the file shows; empty: no limit, or nothing that can be read. */
  public static Optional<CpuCeiling> parse(String shown) {
    String[] words = shown.split(" ", -1);
    try {
      return words.length == 2
          ? Optional.of(new CpuCeiling(Long.parseLong(words[0]), Long.parseLong(words[1])))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whether it allows less than another. */
  public boolean isBelow(CpuCeiling other) {
    return Math.multiplyHigh(quotaMicros, other.periodMicros) == 0
        && Math.multiplyHigh(other.quotaMicros, periodMicros) == 0
        && quotaMicros * other.periodMicros < other.quotaMicros * periodMicros;
  }

  /** As the file shows it. */
  public String text() {
    return quotaMicros + " " + periodMicros;
  }
}
