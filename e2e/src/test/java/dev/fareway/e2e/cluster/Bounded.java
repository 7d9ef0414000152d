package dev.fareway.e2e.cluster;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Calls of Helm, which is native code: it heeds no interrupt, and it waits for a hook as long as
 * the hook takes, since a removal knows no time limit.
 */
final class Bounded {
  /** More than any hook may take here: half of what the longest one waits for nodes at most. */
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private Bounded() {}

  /**
   * What the call answers.
   *
   * @param what is called, for the message
   * @param state what is to be known when it does not end
   */
  static <T> T helm(String what, Supplier<String> state, Supplier<T> call) {
    var answer = new CompletableFuture<T>();
    // Left behind when it does not end: it fails with the API server's own end.
    Thread.ofPlatform()
        .daemon()
        .name(what)
        .start(
            () -> {
              try {
                answer.complete(call.get());
              } catch (Throwable e) {
                answer.completeExceptionally(e);
              }
            });
    try {
      return answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(
          "%s has not ended in %d s; %s".formatted(what, LIMIT.toSeconds(), state.get()), e);
    } catch (ExecutionException e) {
      throw new AssertionError("%s failed: %s; %s".formatted(what, e.getMessage(), state.get()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(what + " was interrupted", e);
    }
  }
}
