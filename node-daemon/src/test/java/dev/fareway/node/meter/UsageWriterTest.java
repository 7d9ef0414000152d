package dev.fareway.node.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fareway.node.core.meter.UsageStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UsageWriterTest {
  private static final UsageStore.Page PAGE = new UsageStore.Page(1, Map.of());
  private final AtomicInteger reads = new AtomicInteger();

  /** A store with so many pages. */
  private UsageStore store(int pages) {
    return new UsageStore() {
      @Override
      public Stored read(String month, int page) {
        reads.incrementAndGet();
        return page < pages ? new Stored.Found(PAGE) : new Stored.Absent();
      }

      @Override
      public Written write(String month, int page, Page content) {
        return new Written.Done();
      }
    };
  }

  private Optional<List<UsageStore.Page>> read(int pages) throws Exception {
    try (var writer = new UsageWriter(store(pages))) {
      var found = new CompletableFuture<Optional<List<UsageStore.Page>>>();
      writer.read("2026-11", found::complete);
      return found.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void read_takesAllPagesUpToTheFirstThatIsAbsent() throws Exception {
    assertEquals(Optional.of(List.of(PAGE, PAGE, PAGE)), read(3));
    assertEquals(4, reads.get());
  }

  @Test
  void read_endsWithoutAnAnswer_whenThereIsAlwaysOneMore() throws Exception {
    assertEquals(Optional.empty(), read(Integer.MAX_VALUE));
    assertEquals(UsageWriter.MOST_PAGES, reads.get());
  }
}
