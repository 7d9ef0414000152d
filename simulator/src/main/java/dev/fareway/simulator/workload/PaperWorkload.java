package dev.fareway.simulator.workload;

import dev.fareway.simulator.engine.Workload;
import java.util.random.RandomGenerator;

/**
 * The paper's workload (section 4.1): an open loop of Poisson arrivals; run times, price classes
 * and memory are drawn independently of each other.
 */
public final class PaperWorkload implements Workload {
  /**
   * Memory that an invocation has grown to at its end: uniform between two bounds, in bytes.
   *
   * @param leastBytes 0 or more
   * @param mostBytes not less than the least
   */
  public record MemoryRange(long leastBytes, long mostBytes) {
    /** 100 MB to 10 GB. */
    public static final MemoryRange PAPER = new MemoryRange(100_000_000L, 10_000_000_000L);

    public MemoryRange {
      if (leastBytes < 0 || mostBytes < leastBytes) {
        throw new IllegalArgumentException(
            "memory from %d to %d bytes: out of range".formatted(leastBytes, mostBytes));
      }
    }

    /** The size at a share of the way from the least to the most. */
    public long at(double share) {
      return leastBytes + (long) (share * (mostBytes - leastBytes));
    }
  }

  private final Runtimes runtimes;
  private final LoadProfile profile;
  private final MemoryRange memory;
  private final double[] cumulativeWeights;
  private final double[] minimums;
  private final double arrivalsPerNanoAtFullLoad;
  private final RandomGenerator arrivals;
  private final RandomGenerator lengths;
  private final RandomGenerator classes;
  private final RandomGenerator sizes;
  private int phase;
  private double timeNanos;
  private long arrivalNanos;
  private long runtimeNanos;
  private int rank;
  private int kind;
  private long memoryBytes;

  /**
   * A workload at its beginning.
   *
   * @param cores of all machines together: what load 1 keeps busy
   */
  public PaperWorkload(
      Runtimes runtimes,
      PriceClasses priceClasses,
      MemoryRange memory,
      LoadProfile profile,
      long cores,
      long seed) {
    this.runtimes = runtimes;
    this.profile = profile;
    this.memory = memory;
    this.minimums = runtimes.drawMinimums(Seeds.stream(seed, Seeds.Stream.FUNCTIONS));
    double sum = 0;
    for (double minimum : minimums) {
      sum += minimum;
    }
    this.arrivalsPerNanoAtFullLoad = cores / (sum / minimums.length * runtimes.meanPerMinimum());
    this.cumulativeWeights = new double[priceClasses.count()];
    double upTo = 0;
    for (int i = 0; i < cumulativeWeights.length; i++) {
      upTo += priceClasses.weights().get(i);
      cumulativeWeights[i] = upTo;
    }
    this.arrivals = Seeds.stream(seed, Seeds.Stream.ARRIVALS);
    this.lengths = Seeds.stream(seed, Seeds.Stream.RUNTIMES);
    this.classes = Seeds.stream(seed, Seeds.Stream.CLASSES);
    this.sizes = Seeds.stream(seed, Seeds.Stream.MEMORY);
  }

  @Override
  public boolean next() {
    double rest = -StrictMath.log(1 - arrivals.nextDouble());
    while (true) {
      if (phase == profile.phases().size()) {
        return false;
      }
      LoadProfile.Phase current = profile.phases().get(phase);
      double rate = current.load() * arrivalsPerNanoAtFullLoad;
      double left = (current.untilNanos() - timeNanos) * rate;
      if (rest < left) {
        timeNanos += rest / rate;
        break;
      }
      rest -= left;
      timeNanos = current.untilNanos();
      phase++;
    }
    arrivalNanos = (long) timeNanos;
    kind = lengths.nextInt(minimums.length);
    runtimeNanos = runtimes.runtimeNanos(minimums[kind], 1 - lengths.nextDouble());
    double draw = classes.nextDouble() * cumulativeWeights[cumulativeWeights.length - 1];
    rank = 0;
    while (draw >= cumulativeWeights[rank] && rank < cumulativeWeights.length - 1) {
      rank++;
    }
    memoryBytes = memory.at(sizes.nextDouble());
    return true;
  }

  @Override
  public long arrivalNanos() {
    return arrivalNanos;
  }

  @Override
  public long runtimeNanos() {
    return runtimeNanos;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int kind() {
    return kind;
  }

  @Override
  public long memoryBytes() {
    return memoryBytes;
  }
}
