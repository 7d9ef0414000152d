package dev.fareway.simulator.workload;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Independent streams of random numbers from one seed, so that one part's draws don't shift
 * another's: all schedulers meet the very same workload.
 */
public final class Seeds {
  private Seeds() {}

  /** What a stream is for. */
  public enum Stream {
    ARRIVALS(0),
    RUNTIMES(1),
    CLASSES(2),
    MEMORY(3),
    FUNCTIONS(4),
    SCHEDULER(5),
    DISPATCHERS(6);

    private final int number;

    Stream(int number) {
      this.number = number;
    }
  }

  /** A stream; the same seed and purpose give the same numbers. */
  public static RandomGenerator stream(long seed, Stream stream) {
    var root = new SplittableRandom(seed * 0x9e3779b97f4a7c15L + stream.number);
    return root.split();
  }
}
