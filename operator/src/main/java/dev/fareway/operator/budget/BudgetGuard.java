package dev.fareway.operator.budget;

import dev.fareway.crds.Fareway;
import dev.fareway.operator.shard.PlacementGuard;
import io.fabric8.kubernetes.api.model.LabelSelector;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What budgets have in force, for whoever places pods or tells nodes of them. Of several budgets
 * that select a pod the strictest holds: throttling, then the first degradation by the budget's
 * name. A budget rules over its own namespace alone. Thread-safe.
 */
@ApplicationScoped
public class BudgetGuard implements PlacementGuard {
  /** By namespace, then by name of the budget. */
  private final Map<String, List<InForce>> namespaces = new ConcurrentHashMap<>();

  /** What one budget has in force. */
  record InForce(String budget, LabelSelector selector, Ruling ruling) {}

  /** None yet. */
  public BudgetGuard() {}

  /**
   * A budget has this in force now.
   *
   * @param now null: nothing
   * @return whether that is new
   */
  synchronized boolean put(String namespace, String budget, @Nullable InForce now) {
    List<InForce> before = namespaces.getOrDefault(namespace, List.of());
    var after = new HashMap<String, InForce>();
    before.forEach(of -> after.put(of.budget, of));
    InForce old = now == null ? after.remove(budget) : after.put(budget, now);
    if (after.isEmpty()) {
      namespaces.remove(namespace);
    } else {
      namespaces.put(
          namespace,
          after.values().stream().sorted(Comparator.comparing(InForce::budget)).toList());
    }
    return !Objects.equals(old, now);
  }

  @Override
  public Ruling judge(String namespace, Map<String, String> labels) {
    Ruling found = new Ruling.Free();
    for (InForce of : namespaces.getOrDefault(namespace, List.of())) {
      if (!Selection.matches(of.selector, labels)) {
        continue;
      }
      switch (of.ruling) {
        case Ruling.Throttled throttled -> {
          return throttled;
        }
        case Ruling.Degraded degraded -> {
          if (found instanceof Ruling.Free) {
            found = degraded;
          }
        }
        case Ruling.Free() -> {}
      }
    }
    return found;
  }

  /** A ruling as node daemons read it; empty: nothing. */
  static String annotation(Ruling ruling) {
    return switch (ruling) {
      case Ruling.Free() -> "";
      case Ruling.Degraded(String priceClass) -> Fareway.DEGRADE + priceClass;
      case Ruling.Throttled(String _) -> Fareway.THROTTLE + "1m";
    };
  }
}
