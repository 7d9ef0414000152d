package dev.fareway.node.core.meter;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a meter must know to go on where another has ended: up to where each pod is charged, and
 * what is charged but perhaps not yet stored.
 *
 * <p>Only as a whole it means anything: it is kept and replaced as one.
 */
public record MeterState(List<PodState> pods, List<MonthState> months) {
  /** Nothing was ever metered. */
  public static final MeterState EMPTY = new MeterState(List.of(), List.of());

  public MeterState {
    pods = List.copyOf(pods);
    months = List.copyOf(months);
  }

  /**
   * A pod.
   *
   * @param last the reading up to which it is charged
   * @param memoryRemainder what is left of its memory over time, in byte nanoseconds below a second
   * @param owner what it is charged to and at which price; null: not yet known
   * @param waiting what is to be charged once the owner is known
   * @param ended whether its cgroup is gone
   */
  public record PodState(
      String uid,
      Reading last,
      long memoryRemainder,
      @Nullable Owner owner,
      Waiting waiting,
      boolean ended) {}

  /**
   * Who pays for a pod.
   *
   * @param nanoUnitsPerCpuSecond the class's price
   */
  public record Owner(UsageKey key, long nanoUnitsPerCpuSecond) {}

  /** Used, but nobody is known to pay for it. */
  public record Waiting(long cpuMicros, long byteSeconds) {
    static final Waiting NOTHING = new Waiting(0, 0);
  }

  /**
   * A month.
   *
   * @param since charged, and not yet part of any write
   * @param writes what was charged with writes whose fate is not known
   */
  public record MonthState(String month, Map<UsageKey, Amounts> since, List<OpenWrite> writes) {
    public MonthState {
      since = Map.copyOf(since);
      writes = List.copyOf(writes);
    }
  }

  /**
   * A write that may or may not have been stored.
   *
   * @param sequence what the stored page says if it was
   * @param charges what it added
   */
  public record OpenWrite(int page, long sequence, Map<UsageKey, Amounts> charges) {
    public OpenWrite {
      charges = Map.copyOf(charges);
    }
  }
}
