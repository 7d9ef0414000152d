package dev.fareway.e2e.function;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Work that takes a given amount of CPU time of the calling thread, however long that takes by the
 * clock: a thread that waits for a core gets no work done.
 */
final class CpuBurner {
  /** Hash steps between two looks at the CPU clock: a few microseconds once compiled. */
  private static final int STEPS = 2_000;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

  /**
   * Burns CPU time on the calling thread.
   *
   * @param nanos CPU time to use, in nanoseconds, at least 0
   * @return what was done
   */
  Burnt burn(long nanos) {
    long start = threads.getCurrentThreadCpuTime();
    long hash = 0x9e3779b97f4a7c15L ^ nanos;
    long used = 0;
    while (used < nanos) {
      hash = work(hash);
      used = threads.getCurrentThreadCpuTime() - start;
    }
    return new Burnt(used, hash);
  }

  /** One SplitMix64 step after another: nothing to fold away, nothing to fetch from memory. */
  private static long work(long hash) {
    long value = hash;
    for (int i = 0; i < STEPS; i++) {
      value += 0x9e3779b97f4a7c15L;
      value = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
      value ^= value >>> 27;
    }
    return value;
  }

  /**
   * What one call has burnt.
   *
   * @param nanos CPU time used, in nanoseconds
   * @param hash the result of the work, so that no compiler may leave the work out
   */
  record Burnt(long nanos, long hash) {}
}
