package dev.fareway.operator.budget;

import dev.fareway.crds.BudgetMark;
import dev.fareway.crds.Selection;
import dev.fareway.operator.shard.PlacementGuard;
import io.fabric8.kubernetes.api.model.LabelSelector;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What budgets have in force, for whoever places pods or tells nodes of them. Of several budgets
 * that select a pod the strictest holds: the hardest throttling, else the cheapest class. A budget
 * rules over its own namespace alone. Thread-safe.
 */
@ApplicationScoped
public class BudgetGuard implements PlacementGuard {
  /** By namespace, in the order of the budgets' names. */
  private final Map<String, List<InForce>> namespaces = new ConcurrentHashMap<>();

  /** Those in which something else is in force than when they were last asked for. */
  private final Set<String> changed = new HashSet<>();

  /** What one budget has in force. */
  record InForce(String budget, LabelSelector selector, BudgetAction action) {}

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
    boolean isNew = !Objects.equals(old, now);
    if (isNew) {
      changed.add(namespace);
    }
    return isNew;
  }

  /** Namespaces in which something else is in force than when this was last asked. */
  synchronized Set<String> takeChanged() {
    var taken = Set.copyOf(changed);
    changed.clear();
    return taken;
  }

  /** What a budget has in force; empty: nothing. */
  Optional<BudgetAction> of(String namespace, String budget) {
    return namespaces.getOrDefault(namespace, List.of()).stream()
        .filter(of -> of.budget.equals(budget))
        .map(InForce::action)
        .findFirst();
  }

  /** What is in force for a pod by its namespace and labels; empty: nothing. */
  Optional<BudgetAction> inForce(String namespace, Map<String, String> labels) {
    return namespaces.getOrDefault(namespace, List.of()).stream()
        .filter(of -> Selection.matches(of.selector, labels))
        .map(InForce::action)
        .reduce(BudgetAction::stricter);
  }

  @Override
  public Ruling judge(String namespace, Map<String, String> labels) {
    return inForce(namespace, labels).map(BudgetAction::ruling).orElseGet(Ruling.Free::new);
  }

  /** What a pod that runs is to be told. */
  BudgetMark mark(String namespace, Map<String, String> labels) {
    return inForce(namespace, labels).map(BudgetAction::mark).orElseGet(BudgetMark.Free::new);
  }
}
