package dev.fareway.simulator.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs independent simulations on all processors. Results come in the order of the tasks, so that
 * the number of processors changes nothing.
 */
final class Runs {
  private Runs() {}

  static <T> List<T> all(List<? extends Callable<T>> tasks) throws InterruptedException {
    int threads = Math.max(1, Math.min(tasks.size(), Runtime.getRuntime().availableProcessors()));
    var results = new ArrayList<T>();
    try (var executor =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().name("simulation-", 0).daemon().factory())) {
      var futures = new ArrayList<Future<T>>();
      tasks.forEach(task -> futures.add(executor.submit(task)));
      try {
        for (Future<T> future : futures) {
          results.add(future.get());
        }
      } catch (ExecutionException e) {
        executor.shutdownNow();
        throw new IllegalStateException("a simulation failed: " + e.getCause(), e.getCause());
      } catch (InterruptedException e) {
        executor.shutdownNow();
        throw e;
      }
    }
    return results;
  }
}
