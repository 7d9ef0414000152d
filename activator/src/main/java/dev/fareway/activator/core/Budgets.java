package dev.fareway.activator.core;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/** Which functions budgets throttle now. Not thread-safe. */
public final class Budgets {
  /** What each throttling budget selects, by its namespace and name. */
  private final Map<String, Map<String, Predicate<FunctionSettings>>> throttling = new HashMap<>();

  /** None yet. */
  public Budgets() {}

  /** A budget throttles what it selects from now on. */
  public void throttle(String namespace, String name, Predicate<FunctionSettings> selected) {
    throttling.computeIfAbsent(namespace, _ -> new HashMap<>()).put(name, selected);
  }

  /** A budget throttles no more, if it ever did. */
  public void release(String namespace, String name) {
    Map<String, Predicate<FunctionSettings>> of = throttling.get(namespace);
    if (of != null && of.remove(name) != null && of.isEmpty()) {
      throttling.remove(namespace);
    }
  }

  /** Whether a budget throttles this function. */
  public boolean isThrottled(FunctionSettings function) {
    Map<String, Predicate<FunctionSettings>> of =
        throttling.isEmpty() ? null : throttling.get(function.key().namespace());
    return of != null && of.values().stream().anyMatch(selected -> selected.test(function));
  }
}
