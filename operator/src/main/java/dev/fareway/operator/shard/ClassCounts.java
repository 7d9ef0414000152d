package dev.fareway.operator.shard;

import java.util.HashMap;
import java.util.Map;

/** How many functions and instances there are of each class, kept as they come and go. */
public final class ClassCounts {
  /**
   * How many of a class there are.
   *
   * @param functions distinct functions
   * @param instances instances on a node
   * @param queued instances that wait
   */
  public record Counts(int functions, int instances, int queued) {}

  static final Counts NONE = new Counts(0, 0, 0);

  private final Map<String, OfClass> classes = new HashMap<>();

  private static final class OfClass {
    final Map<String, Integer> functions = new HashMap<>();
    int bound;
    int waiting;
  }

  void add(String priceClass, String function, boolean bound) {
    OfClass of = classes.computeIfAbsent(priceClass, _ -> new OfClass());
    of.functions.merge(function, 1, Integer::sum);
    if (bound) {
      of.bound++;
    } else {
      of.waiting++;
    }
  }

  void remove(String priceClass, String function, boolean bound) {
    OfClass of = classes.get(priceClass);
    if (of == null) {
      return;
    }
    of.functions.computeIfPresent(function, (_, count) -> count == 1 ? null : count - 1);
    if (bound) {
      of.bound--;
    } else {
      of.waiting--;
    }
    if (of.functions.isEmpty()) {
      classes.remove(priceClass);
    }
  }

  Map<String, Counts> snapshot() {
    var snapshot = new HashMap<String, Counts>();
    classes.forEach(
        (name, of) -> snapshot.put(name, new Counts(of.functions.size(), of.bound, of.waiting)));
    return Map.copyOf(snapshot);
  }
}
