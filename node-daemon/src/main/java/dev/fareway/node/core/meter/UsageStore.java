package dev.fareway.node.core.meter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Port: keeps this node's usage counters of a month, the node's {@code NodeUsage}, where operator
 * and users read them.
 *
 * <p>Both calls ask the API server and wait for the answer, at most some seconds: not on a thread
 * that enforces.
 */
public interface UsageStore {
  /** Most entries of one page. */
  int PAGE_SIZE = 512;

  /**
   * Counters of one page.
   *
   * @param sequence how often the page was written
   * @param usage in the order of the page, which is kept
   */
  record Page(long sequence, Map<UsageKey, Amounts> usage) {
    public Page {
      usage = Collections.unmodifiableMap(new LinkedHashMap<>(usage));
    }
  }

  /** What is kept of a page. */
  sealed interface Stored {
    record Found(Page page) implements Stored {}

    /** Nothing was written to this page yet. */
    record Absent() implements Stored {}

    /** It is not known now: ask again. */
    record Unknown(String why) implements Stored {}
  }

  /** What became of a write. */
  sealed interface Written {
    record Done() implements Written {}

    /**
     * Not written, as far as is known: an answer that got lost looks the same.
     *
     * @param retry whether the same may succeed later; false: the API server refuses this content
     */
    record Failed(boolean retry, String why) implements Written {}
  }

  /**
   * Reads.
   *
   * @param month such as {@code 2026-11}
   * @param page from 0
   */
  Stored read(String month, int page);

  /** Writes all counters of a page, instead of those that were there; creates what is missing. */
  Written write(String month, int page, Page content);
}
