package dev.fareway.operator.budget;

import static java.util.Objects.requireNonNullElseGet;

import dev.fareway.crds.BudgetStatus;
import dev.fareway.crds.BudgetStatus.FunctionSpending;
import dev.fareway.crds.BudgetStatus.Opening;
import dev.fareway.crds.BudgetStatus.PriceClassSpending;
import dev.fareway.crds.Money;
import dev.fareway.crds.usage.FunctionClass;
import dev.fareway.crds.usage.UsageSum;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a budget's functions spent, as its status tells it.
 *
 * @param spent all of it
 * @param byFunction dearest first, at most {@link BudgetStatus#MAX_FUNCTIONS}
 * @param byPriceClass by name of the class
 */
record Spending(
    Money spent,
    long cpuSeconds,
    long memoryGibSeconds,
    List<FunctionSpending> byFunction,
    List<PriceClassSpending> byPriceClass) {

  /**
   * Adds up.
   *
   * @throws ArithmeticException if an amount of money does not fit
   */
  static Spending of(Collection<Map<FunctionClass, UsageSum>> months) {
    var all = new UsageSum();
    var functions = new HashMap<String, UsageSum>();
    var classes = new HashMap<String, UsageSum>();
    for (Map<FunctionClass, UsageSum> month : months) {
      month.forEach(
          (key, sum) -> {
            all.add(sum);
            functions.computeIfAbsent(key.function(), _ -> new UsageSum()).add(sum);
            classes.computeIfAbsent(key.priceClass(), _ -> new UsageSum()).add(sum);
          });
    }
    var byFunction = new ArrayList<FunctionSpending>();
    functions.forEach(
        (name, sum) ->
            byFunction.add(
                new FunctionSpending(
                    name, sum.cost().toQuantity(), sum.cpuSeconds(), sum.memoryGibSeconds())));
    var byClass = new ArrayList<PriceClassSpending>();
    classes.forEach(
        (name, sum) ->
            byClass.add(
                new PriceClassSpending(
                    name, sum.cost().toQuantity(), sum.cpuSeconds(), sum.memoryGibSeconds())));
    return new Spending(
        all.cost(), all.cpuSeconds(), all.memoryGibSeconds(), sorted(byFunction), byName(byClass));
  }

  /** What came since: nothing less than 0, should counters have gone. */
  Spending since(@Nullable Opening opening) {
    if (opening == null) {
      return this;
    }
    var functions = new HashMap<String, FunctionSpending>();
    opening.byFunction().forEach(of -> functions.put(of.function(), of));
    var classes = new HashMap<String, PriceClassSpending>();
    opening.byPriceClass().forEach(of -> classes.put(of.priceClass(), of));
    var byFunction = new ArrayList<FunctionSpending>();
    for (FunctionSpending now : byFunction()) {
      FunctionSpending before =
          requireNonNullElseGet(
              functions.get(now.function()),
              () -> new FunctionSpending(now.function(), Money.ZERO.toQuantity(), 0, 0));
      Money spent = less(Money.of(now.spent()), Money.of(before.spent()));
      if (!spent.equals(Money.ZERO)) {
        byFunction.add(
            new FunctionSpending(
                now.function(),
                spent.toQuantity(),
                Math.max(0, now.cpuSeconds() - before.cpuSeconds()),
                Math.max(0, now.memoryGiBSeconds() - before.memoryGiBSeconds())));
      }
    }
    var byClass = new ArrayList<PriceClassSpending>();
    for (PriceClassSpending now : byPriceClass()) {
      PriceClassSpending before =
          requireNonNullElseGet(
              classes.get(now.priceClass()),
              () -> new PriceClassSpending(now.priceClass(), Money.ZERO.toQuantity(), 0, 0));
      Money spent = less(Money.of(now.spent()), Money.of(before.spent()));
      if (!spent.equals(Money.ZERO)) {
        byClass.add(
            new PriceClassSpending(
                now.priceClass(),
                spent.toQuantity(),
                Math.max(0, now.cpuSeconds() - before.cpuSeconds()),
                Math.max(0, now.memoryGiBSeconds() - before.memoryGiBSeconds())));
      }
    }
    return new Spending(
        less(spent, Money.of(opening.spent())),
        Math.max(0, cpuSeconds - opening.cpuSeconds()),
        Math.max(0, memoryGibSeconds - opening.memoryGiBSeconds()),
        sorted(byFunction),
        byName(byClass));
  }

  /** As what a later period begins with. */
  Opening asOpening(String month) {
    return new Opening(
        month, spent.toQuantity(), cpuSeconds, memoryGibSeconds, byFunction, byPriceClass);
  }

  private static Money less(Money from, Money what) {
    return new Money(Math.max(0, from.nanoUnits() - what.nanoUnits()));
  }

  private static List<FunctionSpending> sorted(List<FunctionSpending> functions) {
    return functions.stream()
        .sorted(
            Comparator.comparing((FunctionSpending of) -> Money.of(of.spent()))
                .reversed()
                .thenComparing(FunctionSpending::function))
        .limit(BudgetStatus.MAX_FUNCTIONS)
        .toList();
  }

  private static List<PriceClassSpending> byName(List<PriceClassSpending> classes) {
    return classes.stream().sorted(Comparator.comparing(PriceClassSpending::priceClass)).toList();
  }
}
