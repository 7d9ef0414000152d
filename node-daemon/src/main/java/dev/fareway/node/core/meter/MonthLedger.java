package dev.fareway.node.core.meter;

import dev.fareway.node.core.meter.MeterState.MonthState;
import dev.fareway.node.core.meter.MeterState.OpenWrite;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The charges of one month: what is stored, what is being written, what came since.
 *
 * <p>Stored pages carry a sequence number that each write raises by one. A write that failed, or
 * was under way when the daemon ended, may have been stored all the same: then nothing is added to
 * it until the pages are read again and their numbers tell.
 */
final class MonthLedger {
  /** A cost that grew by the thousandth part of itself is worth a write. */
  private static final long SIGNIFICANT = 1000;

  private final String month;
  private final List<PageLedger> pages = new ArrayList<>();
  private final Map<UsageKey, PageLedger> pageOf = new HashMap<>();
  private final Map<UsageKey, Amounts> since = new LinkedHashMap<>();

  /** Writes that may have been stored. */
  private final List<OpenWrite> open = new ArrayList<>();

  private boolean known;

  /** A page as it is stored, and what a write that is under way adds. */
  private static final class PageLedger {
    final int number;
    long sequence;
    final Map<UsageKey, Amounts> stored = new LinkedHashMap<>();

    /** How many entries it has, with those that were never written. */
    int size;

    @Nullable UsageWrite write;

    PageLedger(int number) {
      this.number = number;
    }
  }

  MonthLedger(String month) {
    this.month = month;
  }

  MonthLedger(MonthState state) {
    this(state.month());
    since.putAll(state.since());
    open.addAll(state.writes());
  }

  MonthState state() {
    var writes = new ArrayList<>(open);
    for (PageLedger page : pages) {
      if (page.write != null) {
        writes.add(openWrite(page.write));
      }
    }
    return new MonthState(month, since, writes);
  }

  private static OpenWrite openWrite(UsageWrite write) {
    return new OpenWrite(write.page(), write.content().sequence(), write.charges());
  }

  /** Whether the stored pages must be read before anything can be written. */
  boolean isUnknown() {
    return !known;
  }

  /** Whether nothing is left to be written. */
  boolean isSettled() {
    return since.isEmpty() && open.isEmpty() && pages.stream().allMatch(page -> page.write == null);
  }

  /**
   * Adds a charge.
   *
   * @throws ArithmeticException if the sum does not fit; nothing is added then
   */
  void add(UsageKey key, Amounts charge) {
    Amounts sum = since.getOrDefault(key, Amounts.ZERO).plus(charge);
    PageLedger page = pageOf.get(key);
    if (page != null) {
      Amounts stored = page.stored.getOrDefault(key, Amounts.ZERO);
      if (page.write != null) {
        stored = stored.plus(page.write.charges().getOrDefault(key, Amounts.ZERO));
      }
      var _ = stored.plus(sum);
    }
    since.put(key, sum);
  }

  /**
   * Takes the stored pages, all of them in their order, and finds out what became of writes.
   *
   * @param archived whether pages that are not there may have been archived: of a write to such a
   *     page nobody can tell what became, and its charges are dropped, since charging too little is
   *     better than twice
   * @return how many charges had to be dropped, for that or because their sum with what is stored
   *     does not fit
   */
  int stored(List<UsageStore.Page> stored, boolean archived) {
    int dropped = 0;
    for (PageLedger page : pages) {
      if (page.write != null) {
        open.add(openWrite(page.write));
      }
    }
    pages.clear();
    pageOf.clear();
    for (UsageStore.Page content : stored) {
      PageLedger page = newPage();
      page.sequence = content.sequence();
      page.stored.putAll(content.usage());
      page.size = page.stored.size();
      content.usage().keySet().forEach(key -> pageOf.put(key, page));
    }
    // First what was charged first.
    var charges = new LinkedHashMap<UsageKey, List<Amounts>>();
    for (OpenWrite write : open) {
      boolean isThere = write.page() < pages.size();
      boolean arrived = isThere && pages.get(write.page()).sequence >= write.sequence();
      if (archived && !isThere) {
        dropped += write.charges().size();
      } else if (!arrived) {
        write
            .charges()
            .forEach(
                (key, charge) -> charges.computeIfAbsent(key, _ -> new ArrayList<>()).add(charge));
      }
    }
    since.forEach(
        (key, charge) -> charges.computeIfAbsent(key, _ -> new ArrayList<>()).add(charge));
    since.clear();
    open.clear();
    known = true;
    for (var entry : charges.entrySet()) {
      for (Amounts charge : entry.getValue()) {
        try {
          add(entry.getKey(), charge);
        } catch (ArithmeticException e) {
          dropped++;
        }
      }
    }
    return dropped;
  }

  /** Takes out the charges that are in no write: for another month. */
  Map<UsageKey, Amounts> takeUnwritten() {
    var taken = new LinkedHashMap<>(since);
    since.clear();
    return taken;
  }

  /** Begins a write of each page that has something new; none while one is under way. */
  List<UsageWrite> begin() {
    if (!known || pages.stream().anyMatch(page -> page.write != null)) {
      return List.of();
    }
    var charges = new LinkedHashMap<PageLedger, Map<UsageKey, Amounts>>();
    since.forEach(
        (key, charge) ->
            charges.computeIfAbsent(page(key), _ -> new LinkedHashMap<>()).put(key, charge));
    since.clear();
    var writes = new ArrayList<UsageWrite>();
    charges.forEach(
        (page, added) -> {
          var usage = new LinkedHashMap<>(page.stored);
          added.forEach((key, charge) -> usage.merge(key, charge, Amounts::plus));
          var write =
              new UsageWrite(
                  month, page.number, new UsageStore.Page(page.sequence + 1, usage), added);
          page.write = write;
          writes.add(write);
        });
    return writes;
  }

  private PageLedger page(UsageKey key) {
    return pageOf.computeIfAbsent(
        key,
        _ -> {
          PageLedger page =
              pages.isEmpty() || pages.getLast().size >= UsageStore.PAGE_SIZE
                  ? newPage()
                  : pages.getLast();
          page.size++;
          return page;
        });
  }

  private PageLedger newPage() {
    var page = new PageLedger(pages.size());
    pages.add(page);
    return page;
  }

  /** A write was stored. */
  void done(UsageWrite write) {
    PageLedger page = pages.get(write.page());
    if (write.equals(page.write)) {
      page.write = null;
      page.sequence = write.content().sequence();
      page.stored.putAll(write.content().usage());
    }
  }

  /** A write failed, or its answer was lost. */
  void failed(UsageWrite write) {
    PageLedger page = pages.get(write.page());
    if (write.equals(page.write)) {
      page.write = null;
      open.add(openWrite(write));
      known = false;
    }
  }

  /** Whether some entry has grown enough that it should be written soon. */
  boolean isSignificant() {
    for (var entry : since.entrySet()) {
      PageLedger page = pageOf.get(entry.getKey());
      Amounts before =
          page == null ? Amounts.ZERO : page.stored.getOrDefault(entry.getKey(), Amounts.ZERO);
      Amounts now = entry.getValue();
      if (now.cost() > 0
          ? now.cost() >= before.cost() / SIGNIFICANT
          : now.cpuNanos() > 0 && now.cpuNanos() >= before.cpuNanos() / SIGNIFICANT) {
        return true;
      }
    }
    return false;
  }

  /** All charges: stored as far as is known, being written, and since. */
  Map<UsageKey, Amounts> total() {
    var total = new LinkedHashMap<UsageKey, Amounts>();
    for (PageLedger page : pages) {
      page.stored.forEach((key, charge) -> total.merge(key, charge, Amounts::plus));
      if (page.write != null) {
        page.write.charges().forEach((key, charge) -> total.merge(key, charge, Amounts::plus));
      }
    }
    for (OpenWrite write : open) {
      write.charges().forEach((key, charge) -> total.merge(key, charge, Amounts::plus));
    }
    since.forEach((key, charge) -> total.merge(key, charge, Amounts::plus));
    return total;
  }
}
