package dev.fareway.node.meter;

import dev.fareway.node.core.meter.UsageStore;
import dev.fareway.node.core.meter.UsageStore.Stored;
import dev.fareway.node.core.meter.UsageStore.Written;
import dev.fareway.node.core.meter.UsageWrite;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Asks the API server on a thread of its own, for it may take seconds. */
final class UsageWriter implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(UsageWriter.class.getName());

  /** Who answers that there is always one more is not believed for ever. */
  static final int MOST_PAGES = 1000;

  private final UsageStore store;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("usage").daemon().factory());

  /** Said once until it works again. */
  private boolean complained;

  UsageWriter(UsageStore store) {
    this.store = store;
  }

  /** Reads all pages of a month; says what it found, or empty, on its own thread. */
  void read(String month, Consumer<Optional<List<UsageStore.Page>>> then) {
    thread.execute(() -> then.accept(safely(() -> pages(month))));
  }

  private Optional<List<UsageStore.Page>> pages(String month) {
    var pages = new ArrayList<UsageStore.Page>();
    while (pages.size() < MOST_PAGES) {
      switch (store.read(month, pages.size())) {
        case Stored.Found(UsageStore.Page page) -> pages.add(page);
        case Stored.Absent() -> {
          return Optional.of(pages);
        }
        case Stored.Unknown(String why) -> {
          complain("read", why);
          return Optional.empty();
        }
      }
    }
    complain("read", "month %s has %d pages or more".formatted(month, MOST_PAGES));
    return Optional.empty();
  }

  /** Writes pages; says of each whether it is stored for sure, on its own thread. */
  void write(List<UsageWrite> writes, Consumer<List<Boolean>> then) {
    thread.execute(
        () -> {
          var stored = new ArrayList<Boolean>();
          for (UsageWrite write : writes) {
            stored.add(safely(() -> Optional.of(write(write))).orElse(false));
          }
          then.accept(stored);
        });
  }

  private boolean write(UsageWrite write) {
    return switch (store.write(write.month(), write.page(), write.content())) {
      case Written.Done() -> {
        complained = false;
        yield true;
      }
      case Written.Failed(boolean _, String why) -> {
        complain("written", why);
        yield false;
      }
    };
  }

  private void complain(String what, String why) {
    if (!complained) {
      complained = true;
      LOG.log(
          Level.WARNING,
          "This node''s usage can''t be {0} now; it is kept and tried again: {1}",
          new Object[] {what, why});
    }
  }

  private interface Step<T> {
    Optional<T> run();
  }

  private static <T> Optional<T> safely(Step<T> step) {
    try {
      return step.run();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "A step of the usage writer failed", e);
      return Optional.empty();
    }
  }

  /** Waits for what was asked so far. */
  boolean drain(long seconds) throws InterruptedException {
    var done = new CountDownLatch(1);
    thread.execute(done::countDown);
    return done.await(seconds, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
