package dev.fareway.activator.conformance;

import static org.junit.jupiter.api.Assertions.fail;

import io.vertx.core.Future;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for what comes about by itself, with a bound. */
final class Waiting {
  private static final long BOUND_SECONDS = 30;

  private Waiting() {}

  /** Returns when the condition holds; fails when it has not within half a minute. */
  static void eventually(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        fail("not within " + BOUND_SECONDS + " s: " + what);
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  /** What the future becomes. */
  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(BOUND_SECONDS, TimeUnit.SECONDS);
  }
}
