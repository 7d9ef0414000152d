package dev.fareway.e2e.cluster;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for what comes about by itself, with a bound. */
public final class Eventually {

  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(20);

  private Eventually() {}

  /** Returns when the condition holds; fails when it has not within half a minute. */
  public static void eventually(String what, Callable<Boolean> condition) throws Exception {
    eventually(() -> what, condition);
  }

  /** The same; what is said on failure is found out then. */
  public static void eventually(Supplier<String> what, Callable<Boolean> condition)
      throws Exception {
    long end = System.nanoTime() + BOUND.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        fail("not within " + BOUND.toSeconds() + " s: " + what.get());
      }
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    }
  }
}
