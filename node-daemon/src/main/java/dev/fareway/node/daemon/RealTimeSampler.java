package dev.fareway.node.daemon;

import dev.fareway.node.linux.RealTimeUse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Takes samples of what pods use of real time on a thread of its own: with hundreds of pods a
 * sample takes longer than a new function may wait for its policy.
 */
final class RealTimeSampler implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(RealTimeSampler.class.getName());

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("guard").daemon().factory());
  private final AtomicBoolean busy = new AtomicBoolean();

  /** The thread of samples owns it, as it does the time of the last sample. */
  private final RealTimeUse use = new RealTimeUse();

  private long lastNanos;

  /**
   * A sampler.
   *
   * @param first what its thread does first
   */
  RealTimeSampler(Runnable first) {
    thread.execute(first);
  }

  /** Whether a sample is being taken. */
  boolean isBusy() {
    return busy.get();
  }

  /**
   * Takes a sample.
   *
   * @param pods none: what is known of the last sample is forgotten
   * @param then is told what each rank used of each CPU since the last sample; on the sampler's
   *     thread
   */
  void sample(List<RealTimeUse.RankedPod> pods, Consumer<List<Map<Integer, Double>>> then) {
    if (!busy.compareAndSet(false, true)) {
      return;
    }
    try {
      thread.execute(
          () -> {
            try {
              then.accept(take(pods));
            } catch (RuntimeException e) {
              LOG.log(Level.WARNING, "A sample of real time failed; going on with the next", e);
            } finally {
              busy.set(false);
            }
          });
    } catch (RejectedExecutionException e) {
      // Closed meanwhile.
      busy.set(false);
    }
  }

  private List<Map<Integer, Double>> take(List<RealTimeUse.RankedPod> pods) {
    if (pods.isEmpty()) {
      use.clear();
      return List.of();
    }
    long now = System.nanoTime();
    long micros = Math.max(1, (now - lastNanos) / 1000);
    lastNanos = now;
    return use.sample(pods, micros, Runtime.getRuntime().availableProcessors());
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
