package dev.fareway.node.core.meter;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Keeps pages in memory, and may lose requests and answers. Counters may not shrink. */
public final class UsageStoreFake implements UsageStore {
  /** What happens to a request. */
  public enum Fate {
    ANSWERED,
    REQUEST_LOST,
    ANSWER_LOST
  }

  private record Id(String month, int page) {}

  private final Map<Id, Page> pages = new ConcurrentHashMap<>();
  private final Supplier<Fate> fates;
  public int writes;

  public UsageStoreFake(Supplier<Fate> fates) {
    this.fates = fates;
  }

  @Override
  public Stored read(String month, int page) {
    if (fates.get() != Fate.ANSWERED) {
      return new Stored.Unknown("lost");
    }
    Page found = pages.get(new Id(month, page));
    return found == null ? new Stored.Absent() : new Stored.Found(found);
  }

  @Override
  public Written write(String month, int page, Page content) {
    Fate fate = fates.get();
    if (fate != Fate.REQUEST_LOST) {
      writes++;
      Page before = pages.put(new Id(month, page), content);
      if (before != null) {
        before.usage().forEach((key, amounts) -> mustGrow(amounts, content.usage().get(key)));
      }
      if (content.usage().size() > PAGE_SIZE) {
        throw new AssertionError("a page of " + content.usage().size());
      }
    }
    return fate == Fate.ANSWERED ? new Written.Done() : new Written.Failed(true, "lost");
  }

  private static void mustGrow(Amounts before, @org.jspecify.annotations.Nullable Amounts now) {
    if (now == null
        || now.cpuNanos() < before.cpuNanos()
        || now.cost() < before.cost()
        || now.memoryByteSeconds() < before.memoryByteSeconds()) {
      throw new AssertionError("from " + before + " to " + now);
    }
  }

  int pageCount() {
    return pages.size();
  }

  /** All that is stored, of all months together. */
  public Map<UsageKey, Amounts> total() {
    var total = new LinkedHashMap<UsageKey, Amounts>();
    pages
        .values()
        .forEach(page -> page.usage().forEach((key, of) -> total.merge(key, of, Amounts::plus)));
    return total;
  }
}
