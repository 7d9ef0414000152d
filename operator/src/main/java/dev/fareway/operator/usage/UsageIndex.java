package dev.fareway.operator.usage;

import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.crds.usage.FunctionClass;
import dev.fareway.crds.usage.UsageSum;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All nodes' usage by month, namespace, function and class, kept up to date by differences: a
 * change of one node's object costs what that object has entries, whatever the number of nodes.
 * Thread-safe.
 */
@ApplicationScoped
public class UsageIndex {
  private final Map<String, Map<String, Map<FunctionClass, UsageSum>>> months = new HashMap<>();

  /**
   * An object was created, changed or deleted.
   *
   * @param before as it was told of last; null: it is new
   * @param now null: it is gone
   */
  public synchronized void changed(@Nullable NodeUsage before, @Nullable NodeUsage now) {
    if (before != null) {
      for (Usage usage : usageOf(before)) {
        sum(before, usage).subtract(usage);
      }
    }
    if (now != null) {
      for (Usage usage : usageOf(now)) {
        sum(now, usage).add(usage);
      }
    }
    // Only where something has gone: else there is nothing to tidy.
    if (before != null && (now == null || usageOf(now).size() < usageOf(before).size())) {
      tidy(before.getSpec().month());
    }
  }

  private static List<Usage> usageOf(NodeUsage object) {
    return object.getStatus() == null ? List.of() : object.getStatus().usage();
  }

  private UsageSum sum(NodeUsage object, Usage usage) {
    return months
        .computeIfAbsent(object.getSpec().month(), _ -> new HashMap<>())
        .computeIfAbsent(usage.namespace(), _ -> new HashMap<>())
        .computeIfAbsent(
            new FunctionClass(usage.function(), usage.priceClass()), _ -> new UsageSum());
  }

  private void tidy(String month) {
    var namespaces = months.get(month);
    if (namespaces != null) {
      namespaces
          .values()
          .removeIf(
              sums -> {
                sums.values().removeIf(UsageSum::isZero);
                return sums.isEmpty();
              });
      if (namespaces.isEmpty()) {
        months.remove(month);
      }
    }
  }

  /** What the functions of a namespace used in a month, as a copy. */
  public Map<FunctionClass, UsageSum> of(String month, String namespace) {
    return of(month, namespace, _ -> true);
  }

  /** The same of some functions alone. */
  public synchronized Map<FunctionClass, UsageSum> of(
      String month, String namespace, Predicate<String> functions) {
    var copy = new HashMap<FunctionClass, UsageSum>();
    months
        .getOrDefault(month, Map.of())
        .getOrDefault(namespace, Map.of())
        .forEach(
            (key, sum) -> {
              if (functions.test(key.function())) {
                var own = new UsageSum();
                own.add(sum);
                copy.put(key, own);
              }
            });
    return copy;
  }

  /** Namespaces of which there is usage in a month, in their order. */
  public synchronized Set<String> namespaces(String month) {
    return new TreeSet<>(months.getOrDefault(month, Map.of()).keySet());
  }

  /** Months of which there is usage, in their order. */
  public synchronized Set<String> months() {
    return new TreeSet<>(months.keySet());
  }
}
