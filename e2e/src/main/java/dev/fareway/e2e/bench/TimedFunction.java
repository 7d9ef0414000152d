package dev.fareway.e2e.bench;

import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A function that times itself: a request of about 10 ms of work every 20 to 40 ms, latency counted
 * from the intended arrival, also of those that waited for the one before. Prints milliseconds, one
 * a line, at its end. Without arguments it says how many rounds that work is, and ends.
 */
final class TimedFunction {
  private static final long WORK_NANOS = 10_000_000;
  private static final long WARM_UP_NANOS = 3_000_000_000L;
  private static long sink;

  private TimedFunction() {}

  public static void main(String[] args) {
    if (args.length == 0) {
      System.out.println(calibrate());
      return;
    }
    long length = Long.parseLong(args[0]) * 1_000_000_000L;
    var random = new SplittableRandom(Long.parseLong(args[1]));
    int rounds = Integer.parseInt(args[2]);
    long start = System.nanoTime();
    long due = start;
    var latencies = new StringBuilder();
    while (due - start < length + WARM_UP_NANOS) {
      due += 20_000_000 + random.nextLong(20_000_000);
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      work(rounds);
      if (due - start > WARM_UP_NANOS) {
        latencies.append((System.nanoTime() - due) / 1e6).append('\n');
      }
    }
    System.out.print(latencies);
    if (sink == 42) {
      System.err.println();
    }
  }

  /** How much is about 10 ms of work: by the quickest of many. */
  private static int calibrate() {
    long quickest = Long.MAX_VALUE;
    for (int i = 0; i < 200; i++) {
      long before = System.nanoTime();
      work(1000);
      quickest = Math.min(quickest, System.nanoTime() - before);
    }
    return (int) Math.max(1, WORK_NANOS * 1000 / Math.max(1, quickest));
  }

  private static void work(int rounds) {
    long x = sink;
    for (int i = 0; i < rounds; i++) {
      x ^= x << 13;
      x ^= x >>> 7;
      x ^= x << 17;
      x += i;
    }
    sink = x;
  }
}
