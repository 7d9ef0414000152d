package dev.fareway.scheduler.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The price classes of a shard or an activator by number, so that its queues need no look-up by
 * name. A class that is gone keeps its number and its last price, for instances on their way to a
 * node whose binding may yet fail. Not thread-safe.
 */
public final class PriceTable {
  private final Map<String, Integer> lanes = new HashMap<>();
  private final List<String> names = new ArrayList<>();
  private Set<String> known = Set.of();
  private long[] prices = {};

  /** A table of no classes. */
  public PriceTable() {}

  /** Says which classes there are and what they cost now. */
  public void set(Collection<PricedClass> classes) {
    var now = new HashSet<String>();
    for (PricedClass priced : classes) {
      int lane = lanes.computeIfAbsent(priced.name(), _ -> names.size());
      if (lane == names.size()) {
        names.add(priced.name());
        prices = Arrays.copyOf(prices, names.size());
      }
      prices[lane] = priced.priceNanoUnits();
      now.add(priced.name());
    }
    known = now;
  }

  /** Whether there is a class of this name now. */
  public boolean knows(String name) {
    return known.contains(name);
  }

  /** How many numbers there are: more than classes if some are gone. */
  public int size() {
    return prices.length;
  }

  /** The number of a class that is or was known; -1 if it never was. */
  public int lane(String name) {
    return lanes.getOrDefault(name, -1);
  }

  /** What the class of this number costs, or cost last, in nano-units for a CPU second. */
  public long price(int lane) {
    return prices[lane];
  }

  boolean knows(int lane) {
    return known.contains(names.get(lane));
  }
}
