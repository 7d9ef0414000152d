package dev.fareway.operator.budget;

import static java.util.Objects.requireNonNullElse;

import dev.fareway.crds.AheadAction;
import dev.fareway.crds.Budget;
import dev.fareway.crds.BudgetMark;
import dev.fareway.crds.BudgetState;
import dev.fareway.crds.BudgetStatus;
import dev.fareway.crds.Money;
import dev.fareway.operator.shard.PlacementGuard.Ruling;
import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;

/** What a budget has in force for its pods, those that wait and those that run. */
sealed interface BudgetAction {
  /**
   * They run in a cheaper class.
   *
   * @param priceClass name of that class
   * @param nanoUnits its price; of several budgets the cheapest class holds
   */
  record Degrade(String priceClass, long nanoUnits) implements BudgetAction {}

  /**
   * None is placed, and those that run are slowed down.
   *
   * @param message for their owner
   * @param cpuMillis thousandths of a CPU that each may use
   * @param evict whether those that run are evicted, too: they still spend, since memory costs
   *     whatever the CPU does
   */
  record Throttle(String message, int cpuMillis, boolean evict) implements BudgetAction {}

  /**
   * How hard throttling is.
   *
   * @param aheadCpuMillis what a pod may use while spending is ahead of the month
   * @param exhaustedCpuMillis and once the limit is reached
   * @param evictBeyond instances are evicted once so many thousandths of the limit are spent beyond
   *     it; negative: never
   */
  record Options(int aheadCpuMillis, int exhaustedCpuMillis, int evictBeyond) {
    static final Options DEFAULTS = new Options(100, 1, 5);
  }

  /**
   * Decides.
   *
   * @param prices of all price classes, by name
   * @return empty: nothing is in force
   */
  static Optional<BudgetAction> of(
      Budget budget, BudgetStatus status, Map<String, Long> prices, Options options) {
    return switch (requireNonNullElse(status.action(), AheadAction.NONE)) {
      case NONE -> Optional.empty();
      case DEGRADE -> {
        String to = requireNonNullElse(budget.getSpec().degradeTo(), "");
        yield Optional.of(new Degrade(to, prices.getOrDefault(to, Long.MAX_VALUE)));
      }
      case THROTTLE -> {
        boolean exhausted = status.state() == BudgetState.EXHAUSTED;
        yield Optional.of(
            new Throttle(
                "Budget %s is %s for %s: new instances wait until spending is within reason, the month turns, or spec.monthlyLimit is raised."
                    .formatted(budget.getMetadata().getName(), status.state(), status.period()),
                exhausted ? options.exhaustedCpuMillis : options.aheadCpuMillis,
                exhausted && isBeyond(budget.getSpec().limit(), status, options.evictBeyond)));
      }
    };
  }

  private static boolean isBeyond(Money limit, BudgetStatus status, int thousandths) {
    if (thousandths < 0 || status.spent() == null) {
      return false;
    }
    return BigInteger.valueOf(Money.of(status.spent()).nanoUnits())
            .multiply(BigInteger.valueOf(1000))
            .compareTo(
                BigInteger.valueOf(limit.nanoUnits())
                    .multiply(BigInteger.valueOf(1000L + thousandths)))
        >= 0;
  }

  /** What it says of a pod that waits. */
  default Ruling ruling() {
    return switch (this) {
      case Degrade degrade -> new Ruling.Degraded(degrade.priceClass);
      case Throttle throttle -> new Ruling.Throttled(throttle.message);
    };
  }

  /** What it says of a pod that runs. */
  default BudgetMark mark() {
    return switch (this) {
      case Degrade degrade -> new BudgetMark.Degraded(degrade.priceClass);
      case Throttle throttle -> new BudgetMark.Throttled(throttle.cpuMillis);
    };
  }

  /** The stricter of two; of equals the first. */
  static BudgetAction stricter(BudgetAction one, BudgetAction other) {
    return switch (one) {
      case Degrade a ->
          switch (other) {
            case Degrade b -> b.nanoUnits < a.nanoUnits ? b : a;
            case Throttle b -> b;
          };
      case Throttle a ->
          switch (other) {
            case Degrade _ -> a;
            case Throttle b ->
                b.cpuMillis < a.cpuMillis || (b.cpuMillis == a.cpuMillis && b.evict && !a.evict)
                    ? b
                    : a;
          };
    };
  }
}
