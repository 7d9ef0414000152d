package dev.fareway.e2e.report;

import dev.fareway.e2e.load.Sample;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How long a set of requests took, in milliseconds from when each was due to its answer.
 *
 * <p>The percentiles are exact (nearest rank) and of the answered requests only: a quick failure is
 * not a quick answer. They are NaN where nothing was answered.
 *
 * @param p50Ms the median
 * @param p95Ms 95 of 100 took at most this
 * @param p99Ms 99 of 100 took at most this
 * @param requests how many were due
 * @param errors how many of those were not answered with success
 */
public record Latency(double p50Ms, double p95Ms, double p99Ms, long requests, long errors) {
  private static final double NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  /** Sums up some requests. */
  public static Latency of(List<Sample> samples) {
    long[] answered =
        samples.stream()
            .filter(Sample::succeeded)
            .mapToLong(Sample::latencyNanos)
            .sorted()
            .toArray();
    return new Latency(
        percentile(answered, 50) / NANOS_PER_MILLI,
        percentile(answered, 95) / NANOS_PER_MILLI,
        percentile(answered, 99) / NANOS_PER_MILLI,
        samples.size(),
        samples.size() - answered.length);
  }

  /**
   * The smallest of the values that is not below the given percentage of them all.
   *
   * @param sorted values in ascending order
   * @param percent from 0 to 100
   * @return NaN where there are no values
   */
  public static double percentile(long[] sorted, int percent) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int rank = Math.ceilDiv(percent * sorted.length, 100);
    return sorted[Math.max(rank, 1) - 1];
  }
}
