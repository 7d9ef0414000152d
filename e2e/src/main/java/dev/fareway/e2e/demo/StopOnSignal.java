package dev.fareway.e2e.demo;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C (and SIGTERM) into an interrupt of the working thread, and keeps the virtual machine
 * up until that thread has put everything back, within bounds.
 */
final class StopOnSignal implements AutoCloseable {
  private static final long CLEAN_UP_SECONDS = 60;

  private final CountDownLatch closed = new CountDownLatch(1);

  StopOnSignal(Thread worker) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (closed.getCount() > 0) {
                    worker.interrupt();
                    awaitClosed();
                  }
                },
                "stop-on-signal"));
  }

  /** Everything is put back. */
  @Override
  public void close() {
    closed.countDown();
  }

  private void awaitClosed() {
    try {
      if (!closed.await(CLEAN_UP_SECONDS, TimeUnit.SECONDS)) {
        System.err.println(
            "fareway demo: not everything could be stopped within %d seconds."
                .formatted(CLEAN_UP_SECONDS));
      }
    } catch (InterruptedException e) {
      // Nobody interrupts a shutdown hook; if so, it is over.
    }
  }
}
