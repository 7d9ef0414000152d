package dev.fareway.simulator.trace;

import dev.fareway.simulator.engine.Workload;
import dev.fareway.simulator.workload.PaperWorkload.MemoryRange;
import dev.fareway.simulator.workload.PriceClasses;
import dev.fareway.simulator.workload.Runtimes;
import dev.fareway.simulator.workload.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A trace that has how many invocations of each function there were in each second or minute. When
 * in it they come is drawn evenly; how long they run is drawn from what is known of the function.
 */
final class CountedTrace implements Trace {
  /** A second or a minute. */
  static final class Bucket {
    /** Those that are invoked in it. */
    private final int[] functions;

    /** How often. */
    private final int[] counts;

    /** How long by the function on average, this time; 0: as it usually does. */
    private final double[] runtimeNanos;

    Bucket(int[] functions, int[] counts, double[] runtimeNanos) {
      this.functions = functions.clone();
      this.counts = counts.clone();
      this.runtimeNanos = runtimeNanos.clone();
    }
  }

  private final List<Function> functions;
  private final List<Bucket> buckets;
  private final long bucketNanos;
  private final Runtimes fallback;
  private final long invocations;

  /**
   * @param fallback how long functions run of which nothing is known
   */
  CountedTrace(
      List<Function> functions, List<Bucket> buckets, long bucketNanos, Runtimes fallback) {
    this.functions = List.copyOf(functions);
    this.buckets = List.copyOf(buckets);
    this.bucketNanos = bucketNanos;
    this.fallback = fallback;
    this.invocations =
        buckets.stream()
            .mapToLong(bucket -> Arrays.stream(bucket.counts).asLongStream().sum())
            .sum();
  }

  @Override
  public long durationNanos() {
    return Math.max(1, buckets.size() * bucketNanos);
  }

  @Override
  public int functions() {
    return functions.size();
  }

  @Override
  public long invocations() {
    return invocations;
  }

  @Override
  public double cpuNanos() {
    double sum = 0;
    for (Bucket bucket : buckets) {
      for (int i = 0; i < bucket.functions.length; i++) {
        Quantiles usual = functions.get(bucket.functions[i]).runtimeNanos();
        double each =
            bucket.runtimeNanos[i] > 0
                ? bucket.runtimeNanos[i]
                : usual != null ? usual.mean() : fallback.meanRuntimeNanos();
        sum += bucket.counts[i] * each;
      }
    }
    return sum;
  }

  @Override
  public Workload replay(double speed, PriceClasses classes, MemoryRange memory, long seed) {
    return new Replay(speed, Ranks.draw(functions, classes, seed), memory, seed);
  }

  private final class Replay implements Workload {
    private final double speed;
    private final int[] ranks;
    private final MemoryRange memory;
    private final double[] minimums;
    private final RandomGenerator arrivals;
    private final RandomGenerator lengths;
    private final RandomGenerator sizes;
    private int nextBucket;

    /** The invocations of one bucket: offset in it × 2^24 + place in the bucket's arrays. */
    private long[] drawn = {};

    private int at = -1;
    private int drawnCount;
    private long runtime;
    private long bytes;
    private int kind;

    Replay(double speed, int[] ranks, MemoryRange memory, long seed) {
      this.speed = speed;
      this.ranks = ranks;
      this.memory = memory;
      this.minimums = fallback.minimums(functions.size(), seed);
      this.arrivals = Seeds.stream(seed, Seeds.Stream.ARRIVALS);
      this.lengths = Seeds.stream(seed, Seeds.Stream.RUNTIMES);
      this.sizes = Seeds.stream(seed, Seeds.Stream.MEMORY);
    }

    @Override
    public boolean next() {
      while (++at >= drawnCount) {
        if (nextBucket == buckets.size()) {
          return false;
        }
        draw(buckets.get(nextBucket++));
        at = -1;
      }
      Bucket bucket = buckets.get(nextBucket - 1);
      int place = (int) (drawn[at] & 0xffffff);
      kind = bucket.functions[place];
      Function function = functions.get(kind);
      double share = lengths.nextDouble();
      if (bucket.runtimeNanos[place] > 0) {
        runtime = (long) bucket.runtimeNanos[place];
      } else if (function.runtimeNanos() != null) {
        runtime = (long) function.runtimeNanos().at(share);
      } else {
        runtime = fallback.runtimeNanos(minimums[kind], 1 - share);
      }
      runtime = Math.max(1, runtime);
      double size = sizes.nextDouble();
      bytes =
          function.memoryBytes() != null ? (long) function.memoryBytes().at(size) : memory.at(size);
      return true;
    }

    private void draw(Bucket bucket) {
      drawnCount = 0;
      for (int count : bucket.counts) {
        drawnCount += count;
      }
      if (drawn.length < drawnCount) {
        drawn = new long[drawnCount];
      }
      int filled = 0;
      for (int place = 0; place < bucket.counts.length; place++) {
        for (int i = 0; i < bucket.counts[place]; i++) {
          drawn[filled++] = arrivals.nextLong(bucketNanos) << 24 | place;
        }
      }
      Arrays.sort(drawn, 0, drawnCount);
    }

    @Override
    public long arrivalNanos() {
      return (long) (((nextBucket - 1) * bucketNanos + (drawn[at] >>> 24)) / speed);
    }

    @Override
    public long runtimeNanos() {
      return runtime;
    }

    @Override
    public int rank() {
      return ranks[kind];
    }

    @Override
    public int kind() {
      return kind;
    }

    @Override
    public long memoryBytes() {
      return bytes;
    }
  }
}
