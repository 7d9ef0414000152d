package dev.fareway.operator.budget;

import dev.fareway.crds.BudgetMark;
import dev.fareway.operator.budget.BudgetPods.FunctionInstance;
import dev.fareway.operator.budget.BudgetPods.Kind;
import dev.fareway.operator.budget.BudgetPods.Stage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What is to be done about running pods so that what budgets have in force holds for them. A pure
 * function of what is: whoever tampers with a pod's annotation, or a write that got lost, changes
 * nothing for long.
 */
final class BudgetOrders {
  private BudgetOrders() {}

  /** One thing to do. */
  sealed interface Order {
    /** With which pod. */
    FunctionInstance pod();

    /** Its annotation is to say this. */
    record Tell(FunctionInstance pod, BudgetMark mark) implements Order {}

    /** It is to be evicted. */
    record Evict(FunctionInstance pod) implements Order {}
  }

  /**
   * What is to be done about these pods, what saves most first: throttling, degrading, evicting,
   * and last letting go.
   *
   * @param inForce what budgets have in force for a kind of pod; asked once for each
   */
  static List<Order> of(
      List<FunctionInstance> pods, Function<Kind, Optional<BudgetAction>> inForce) {
    var orders = new ArrayList<Order>();
    // Pods of a kind share its object: to compare labels for each takes long in a large namespace.
    var known = new IdentityHashMap<Kind, Optional<BudgetAction>>();
    for (FunctionInstance pod : pods) {
      if (pod.stage() != Stage.ON_A_NODE) {
        // Who waits is told once it is on a node; who leaves needs its CPU to end in order.
        continue;
      }
      Optional<BudgetAction> action = known.computeIfAbsent(pod.kind(), inForce);
      BudgetMark wanted = action.map(BudgetAction::mark).orElseGet(BudgetMark.Free::new);
      if (!wanted.text().equals(pod.mark())) {
        orders.add(new Order.Tell(pod, wanted));
      }
      if (pod.placedByUs()
          && action.isPresent()
          && action.get() instanceof BudgetAction.Throttle(String _, int _, boolean evict)
          && evict) {
        orders.add(new Order.Evict(pod));
      }
    }
    orders.sort(Comparator.comparingInt(BudgetOrders::urgency));
    return orders;
  }

  private static int urgency(Order order) {
    return switch (order) {
      case Order.Tell(FunctionInstance _, BudgetMark mark) ->
          switch (mark) {
            case BudgetMark.Throttled _ -> 0;
            case BudgetMark.Degraded _ -> 1;
            case BudgetMark.Free _ -> 3;
          };
      case Order.Evict _ -> 2;
    };
  }
}
