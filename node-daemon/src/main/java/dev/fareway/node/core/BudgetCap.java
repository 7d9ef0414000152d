package dev.fareway.node.core;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What budgets hold a pod to.
 *
 * @param priceClass the dearest class that it may run in, whatever it names or inherits; empty: any
 * @param cpuMillis thousandths of a CPU that it may use; empty: no limit
 */
public record BudgetCap(Optional<PricedClass> priceClass, OptionalInt cpuMillis) {
  /** Nothing. */
  public static final BudgetCap NONE = new BudgetCap(Optional.empty(), OptionalInt.empty());
}
