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
 * The price classes of a shard by number, so that its queues need no look-up by name. A class that
 * is gone keeps its number and its last price, for instances on their way to a node whose binding
 * may yet fail.
 */
final class PriceTable {
  private final Map<String, Integer> lanes = new HashMap<>();
  private final List<String> names = new ArrayList<>();
  private Set<String> known = Set.of();
  private long[] prices = {};

  void set(Collection<PricedClass> classes) {
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

  boolean knows(String name) {
    return known.contains(name);
  }

  /** How many numbers there are: more than classes if some are gone. */
  int size() {
    return prices.length;
  }

  /** The number of a class that is or was known; -1 if it never was. */
  int lane(String name) {
    return lanes.getOrDefault(name, -1);
  }

  long price(int lane) {
    return prices[lane];
  }

  boolean knows(int lane) {
    return known.contains(names.get(lane));
  }
}
