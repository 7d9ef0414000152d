package dev.fareway.operator.budget;

import dev.fareway.crds.AheadAction;
import dev.fareway.crds.Budget;
import dev.fareway.crds.BudgetSpec;
import dev.fareway.crds.BudgetState;
import dev.fareway.crds.BudgetStatus;
import dev.fareway.crds.BudgetStatus.FunctionSpending;
import dev.fareway.crds.BudgetStatus.Opening;
import dev.fareway.crds.ExhaustedAction;
import dev.fareway.crds.Money;
import dev.fareway.crds.usage.FunctionClass;
import dev.fareway.crds.usage.UsageSum;
import dev.fareway.operator.budget.BudgetRule.Judgement;
import dev.fareway.operator.budget.BudgetRule.Situation;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A budget's figures at a moment, from what the nodes have counted. A pure function.
 *
 * <p>Nodes count by months in UTC. A month of another zone begins in the middle of one: what the
 * counters showed then, the <i>opening</i>, is noted in the status and not counted. It is noted
 * when the operator first sees the new month; a first month of a budget that is east of UTC begins
 * when the budget is first seen. West of UTC, where an opening that is noted late would forget what
 * came before, none is noted then: the month counts from where it begins in UTC.
 */
final class BudgetAccount {
  private BudgetAccount() {}

  /**
   * What came out.
   *
   * @param status without conditions
   * @param newWarnings percentages that are reached and were not warned of before
   */
  record Result(BudgetStatus status, List<Integer> newWarnings) {}

  /**
   * Computes.
   *
   * @param usage what the budget's namespace used in a month in UTC
   * @param selects whether a function counts
   * @param rate what was spent an hour lately, given the moment and what is spent by then
   * @throws IllegalArgumentException naming the field, if the budget is not right
   * @throws ArithmeticException if an amount of money does not fit
   */
  static Result compute(
      Budget budget,
      Instant now,
      Function<String, Map<FunctionClass, UsageSum>> usage,
      Predicate<String> selects,
      BiFunction<String, Money, OptionalLong> rate) {
    BudgetSpec spec = budget.getSpec();
    long limit = spec.limit().nanoUnits();
    int burst = spec.burstPercent();
    BudgetMonth month = BudgetMonth.of(now, spec.zone());
    List<Integer> percents = spec.warningPercents();
    String period = month.month().toString();
    BudgetStatus before = budget.getStatus();
    boolean samePeriod = before != null && period.equals(before.period());

    Opening opening = samePeriod ? before.opening() : opening(month, now, before, usage, selects);
    var counted = new ArrayList<Map<FunctionClass, UsageSum>>();
    for (String utcMonth : month.utcMonths()) {
      counted.add(selected(usage.apply(utcMonth), selects));
    }
    Spending spending =
        Spending.of(counted).since(opening == null ? null : selected(opening, selects));
    Judgement judgement =
        BudgetRule.judge(
            new Situation(
                limit,
                burst,
                spending.spent().nanoUnits(),
                month.elapsed(now),
                month.length(),
                rate.apply(period, spending.spent())),
            samePeriod ? before.state() : null);

    List<Integer> warned = samePeriod ? before.warned() : List.of();
    List<Integer> reached =
        percents.stream().filter(percent -> isReached(spending.spent(), limit, percent)).toList();
    var told = new ArrayList<>(warned);
    List<Integer> newWarnings =
        reached.stream().filter(percent -> !warned.contains(percent)).toList();
    told.addAll(newWarnings);
    return new Result(
        new BudgetStatus(
            period,
            spending.spent().toQuantity(),
            judgement.forecast().isPresent() ? quantity(judgement.forecast().getAsLong()) : null,
            judgement.state(),
            action(spec, judgement.state()),
            spending.cpuSeconds(),
            spending.memoryGibSeconds(),
            told,
            opening,
            spending.byFunction(),
            spending.byPriceClass(),
            List.of()),
        newWarnings);
  }

  /**
   * The status of a budget whose spending does not fit into a number: more than any limit, so it is
   * exhausted. The figures stay those that fitted last.
   */
  static BudgetStatus overflowed(Budget budget, Instant now, Condition condition) {
    BudgetSpec spec = budget.getSpec();
    String period = BudgetMonth.of(now, spec.zone()).month().toString();
    BudgetStatus before = budget.getStatus();
    boolean known = before != null && period.equals(before.period());
    return new BudgetStatus(
        period,
        known ? before.spent() : null,
        null,
        BudgetState.EXHAUSTED,
        action(spec, BudgetState.EXHAUSTED),
        known ? before.cpuSeconds() : 0,
        known ? before.memoryGiBSeconds() : 0,
        known ? before.warned() : List.of(),
        known ? before.opening() : null,
        known ? before.byFunction() : List.of(),
        known ? before.byPriceClass() : List.of(),
        List.of(condition));
  }

  private static @Nullable Opening opening(
      BudgetMonth month,
      Instant now,
      @Nullable BudgetStatus before,
      Function<String, Map<FunctionClass, UsageSum>> usage,
      Predicate<String> selects) {
    if (month.isAligned()) {
      return null;
    }
    YearMonth first = month.utcMonthOfStart();
    boolean isFirst = before == null || before.period() == null;
    if (first.equals(month.month()) && (isFirst || isLate(month, now))) {
      // West of UTC: at most half a day too much is counted.
      return null;
    }
    return Spending.of(List.of(selected(usage.apply(first.toString()), selects)))
        .asOpening(first.toString());
  }

  /**
   * Whether so much of the month is over that an opening of now would leave more uncounted than
   * none counts too much: the operator was away, or the clock has leapt into a month and back.
   */
  private static boolean isLate(BudgetMonth month, Instant now) {
    Instant counted = month.utcMonthOfStart().atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    return month.elapsed(now).compareTo(Duration.between(counted, month.start())) > 0;
  }

  private static Map<FunctionClass, UsageSum> selected(
      Map<FunctionClass, UsageSum> all, Predicate<String> selects) {
    var selected = new HashMap<>(all);
    selected.keySet().removeIf(key -> !selects.test(key.function()));
    return selected;
  }

  /**
   * Without what functions came in with that don't count any more, as far as they are told apart.
   */
  private static Opening selected(Opening all, Predicate<String> selects) {
    long spent = Money.of(all.spent()).nanoUnits();
    long cpuSeconds = all.cpuSeconds();
    long memory = all.memoryGiBSeconds();
    for (FunctionSpending of : all.byFunction()) {
      if (!selects.test(of.function())) {
        spent -= Money.of(of.spent()).nanoUnits();
        cpuSeconds -= of.cpuSeconds();
        memory -= of.memoryGiBSeconds();
      }
    }
    return new Opening(
        all.month(),
        new Money(Math.max(0, spent)).toQuantity(),
        Math.max(0, cpuSeconds),
        Math.max(0, memory),
        all.byFunction(),
        all.byPriceClass());
  }

  private static boolean isReached(Money spent, long limit, int percent) {
    return BigInteger.valueOf(spent.nanoUnits())
            .multiply(BigInteger.valueOf(100))
            .compareTo(BigInteger.valueOf(limit).multiply(BigInteger.valueOf(percent)))
        >= 0;
  }

  private static Quantity quantity(long nanoUnits) {
    return new Money(nanoUnits).toQuantity();
  }

  private static AheadAction action(BudgetSpec spec, BudgetState state) {
    return switch (state) {
      case WITHIN -> AheadAction.NONE;
      case AHEAD -> spec.ahead();
      case EXHAUSTED ->
          spec.exhausted() == ExhaustedAction.DEGRADE ? AheadAction.DEGRADE : AheadAction.THROTTLE;
    };
  }
}
