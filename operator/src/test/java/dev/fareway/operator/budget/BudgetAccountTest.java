package dev.fareway.operator.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.AheadAction;
import dev.fareway.crds.Budget;
import dev.fareway.crds.BudgetSpec;
import dev.fareway.crds.BudgetState;
import dev.fareway.crds.BudgetStatus;
import dev.fareway.crds.Money;
import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageSpec;
import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.operator.usage.UsageIndex;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetAccountTest {
  private static final long UNIT = 1_000_000_000;

  private final UsageIndex index = new UsageIndex();
  private final Map<String, NodeUsage> objects = new HashMap<>();
  private Predicate<String> selects = function -> !function.equals("other");

  /** Node says of a month what a function cost so far. */
  private void says(String month, String function, String priceClass, long cost) {
    var object = new NodeUsage();
    object.setSpec(new NodeUsageSpec("node", month, 0));
    object.setStatus(
        new NodeUsageStatus(
            1, List.of(new Usage("shop", function, priceClass, cost, 0, cost, 0, 0, 0))));
    index.changed(objects.put(month + function, object), object);
  }

  private static Budget budget(String spec) {
    var budget = new Budget();
    budget.getMetadata().setName("shop");
    budget.getMetadata().setNamespace("shop");
    budget.setSpec(Serialization.unmarshal(spec, BudgetSpec.class));
    return budget;
  }

  private BudgetAccount.Result at(Budget budget, String now) {
    var result =
        BudgetAccount.compute(
            budget,
            Instant.parse(now),
            month -> index.of(month, "shop"),
            selects,
            (_, _) -> OptionalLong.empty());
    budget.setStatus(result.status());
    return result;
  }

  private static long spent(BudgetStatus status) {
    return Money.of(assertNotNullValue(status.spent())).nanoUnits();
  }

  private static <T> T assertNotNullValue(@Nullable T value) {
    assertNotNull(value);
    return value;
  }

  @Test
  void figures_areOfTheSelectedFunctions() {
    // given
    Budget budget = budget("monthlyLimit: 50");
    says("2026-11", "cart", "dear", 20 * UNIT);
    says("2026-11", "mail", "cheap", 10 * UNIT);
    says("2026-11", "other", "cheap", 99 * UNIT);
    says("2026-10", "cart", "dear", 99 * UNIT);

    // when
    BudgetStatus status = at(budget, "2026-11-16T00:00:00Z").status();

    // then
    assertEquals("2026-11", status.period());
    assertEquals(30 * UNIT, spent(status));
    assertEquals("60", String.valueOf(status.forecast()));
    assertEquals(BudgetState.WITHIN, status.state());
    assertEquals(AheadAction.NONE, status.action());
    assertEquals(30, status.cpuSeconds());
    assertEquals(
        List.of("cart", "mail"), status.byFunction().stream().map(of -> of.function()).toList());
    assertEquals(
        List.of("cheap", "dear"),
        status.byPriceClass().stream().map(of -> of.priceClass()).toList());
    assertNull(status.opening());
  }

  @Test
  void warnings_areToldOnceAMonth() {
    Budget budget = budget("monthlyLimit: 50\nwarnAt: [80, 50]");
    says("2026-11", "cart", "dear", 25 * UNIT);
    assertEquals(List.of(50), at(budget, "2026-11-16T00:00:00Z").newWarnings());
    assertEquals(List.of(), at(budget, "2026-11-16T00:01:00Z").newWarnings());
    says("2026-11", "cart", "dear", 50 * UNIT);
    assertEquals(List.of(80), at(budget, "2026-11-16T00:02:00Z").newWarnings());
    says("2026-12", "cart", "dear", 25 * UNIT);
    assertEquals(List.of(50), at(budget, "2026-12-16T00:00:00Z").newWarnings());
  }

  @Test
  void action_followsTheState_andEndsWithTheMonthOrAHigherLimit() {
    Budget budget =
        budget("monthlyLimit: 50\nahead: Degrade\ndegradeTo: batch\nexhausted: Throttle");
    says("2026-11", "cart", "dear", 40 * UNIT);
    assertEquals(AheadAction.DEGRADE, at(budget, "2026-11-02T00:00:00Z").status().action());
    says("2026-11", "cart", "dear", 50 * UNIT);
    assertEquals(AheadAction.THROTTLE, at(budget, "2026-11-03T00:00:00Z").status().action());
    budget.setSpec(Serialization.unmarshal("monthlyLimit: 500", BudgetSpec.class));
    assertEquals(AheadAction.NONE, at(budget, "2026-11-03T00:00:10Z").status().action());
    budget.setSpec(Serialization.unmarshal("monthlyLimit: 50", BudgetSpec.class));
    assertEquals(AheadAction.THROTTLE, at(budget, "2026-11-30T23:59:59Z").status().action());
    assertEquals(AheadAction.NONE, at(budget, "2026-12-01T00:00:00Z").status().action());
    // A clock that goes back: what was is again.
    assertEquals(AheadAction.THROTTLE, at(budget, "2026-11-30T23:59:59Z").status().action());
  }

  @Test
  void month_ofAnotherZone_beginsWhereTheLastOneEnded() {
    // given: Berlin's December begins at 23:00 on the last of November in UTC
    Budget budget = budget("monthlyLimit: 50\ntimeZone: Europe/Berlin");
    says("2026-11", "cart", "dear", 10 * UNIT);
    assertEquals(10 * UNIT, spent(at(budget, "2026-11-20T00:00:00Z").status()));
    says("2026-11", "cart", "dear", 12 * UNIT);
    assertEquals(12 * UNIT, spent(at(budget, "2026-11-30T22:59:59Z").status()));

    // when
    BudgetStatus turned = at(budget, "2026-11-30T23:00:00Z").status();

    // then
    assertEquals("2026-12", turned.period());
    assertEquals(0, spent(turned));
    says("2026-11", "cart", "dear", 13 * UNIT);
    assertEquals(1 * UNIT, spent(at(budget, "2026-11-30T23:30:00Z").status()));
    says("2026-12", "cart", "dear", 5 * UNIT);
    BudgetStatus december = at(budget, "2026-12-15T00:00:00Z").status();
    assertEquals(6 * UNIT, spent(december));
    assertEquals("6", String.valueOf(december.byFunction().getFirst().spent()));
  }

  @Test
  void month_westOfUtc_countsItsLastHoursInTheNextMonthOfUtc() {
    Budget budget = budget("monthlyLimit: 50\ntimeZone: America/New_York");
    says("2026-11", "cart", "dear", 10 * UNIT);
    assertEquals(10 * UNIT, spent(at(budget, "2026-11-20T00:00:00Z").status()));
    says("2026-12", "cart", "dear", 1 * UNIT);
    assertEquals(11 * UNIT, spent(at(budget, "2026-12-01T04:59:59Z").status()));
    assertEquals(0, spent(at(budget, "2026-12-01T05:00:00Z").status()));
    says("2026-12", "cart", "dear", 3 * UNIT);
    assertEquals(2 * UNIT, spent(at(budget, "2026-12-20T00:00:00Z").status()));
  }

  @Test
  void functionThatIsNotSelectedAnyMore_takesWhatItCameInWithAway() {
    Budget budget = budget("monthlyLimit: 500\ntimeZone: Europe/Berlin");
    says("2026-11", "cart", "dear", 10 * UNIT);
    says("2026-11", "mail", "dear", 100 * UNIT);
    var _ = at(budget, "2026-11-20T00:00:00Z");
    assertEquals(0, spent(at(budget, "2026-11-30T23:00:00Z").status()));
    says("2026-12", "cart", "dear", 3 * UNIT);
    says("2026-12", "mail", "dear", 4 * UNIT);
    assertEquals(7 * UNIT, spent(at(budget, "2026-12-10T00:00:00Z").status()));

    selects = function -> function.equals("cart");

    BudgetStatus narrowed = at(budget, "2026-12-10T00:00:10Z").status();
    assertEquals(3 * UNIT, spent(narrowed));
    assertEquals(1, narrowed.byFunction().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTC", "America/New_York", "Pacific/Pago_Pago", "Europe/Berlin"})
  void clockThatLeapsIntoAnotherMonthAndBack_forgetsNothing(String zone) {
    Budget budget = budget("monthlyLimit: 50\ntimeZone: " + zone);
    var _ = at(budget, "2026-10-15T00:00:00Z");
    var _ = at(budget, "2026-11-01T12:00:00Z");
    says("2026-11", "cart", "dear", 10 * UNIT);
    assertEquals(10 * UNIT, spent(at(budget, "2026-11-20T00:00:00Z").status()));
    for (String leap : List.of("2026-12-20T00:00:00Z", "2026-10-20T00:00:00Z")) {
      var _ = at(budget, leap);
      assertEquals(10 * UNIT, spent(at(budget, "2026-11-20T00:00:10Z").status()), leap);
    }
  }

  /** A leap second repeats the last one of the month, by most clocks. */
  @ParameterizedTest
  @CsvSource({
    "UTC,              2016-12-31T23:59:59Z, 2017-01-01T00:00:00Z, 2017-01",
    "Europe/Berlin,    2016-12-31T22:59:59Z, 2016-12-31T23:00:00Z, 2016-12",
    "America/New_York, 2017-01-01T04:59:59Z, 2017-01-01T05:00:00Z, 2017-01"
  })
  void clockThatStepsBackOverTheMonthsEnd_countsTheNewMonthOnce(
      String zone, String last, String first, String counted) {
    Budget budget = budget("monthlyLimit: 50\ntimeZone: " + zone);
    says("2016-12", "cart", "dear", 10 * UNIT);
    assertEquals("2016-12", at(budget, last).status().period());
    assertEquals("2017-01", at(budget, first).status().period());
    assertEquals("2016-12", at(budget, last).status().period());
    BudgetStatus again = at(budget, first).status();
    assertEquals("2017-01", again.period());
    assertEquals(0, spent(again));
    says(counted, "cart", "dear", (counted.equals("2016-12") ? 11 : 1) * UNIT);
    assertEquals(1 * UNIT, spent(at(budget, "2017-01-10T00:00:00Z").status()));
  }

  @Test
  void spending_thatDoesNotFit_isAnError() {
    Budget budget = budget("monthlyLimit: 1G");
    says("2026-11", "cart", "dear", Long.MAX_VALUE);
    assertEquals(BudgetState.EXHAUSTED, at(budget, "2026-11-30T00:00:00Z").status().state());
    says("2026-11", "mail", "dear", 1);
    assertThrows(ArithmeticException.class, () -> at(budget, "2026-11-30T00:00:00Z"));
  }

  @Test
  void spending_thatDoesNotFit_isBeyondAnyLimit() {
    Budget budget = budget("monthlyLimit: 1G\nexhausted: Degrade\ndegradeTo: cheap");
    says("2026-11", "cart", "dear", 5 * UNIT);
    var _ = at(budget, "2026-11-29T00:00:00Z");
    var condition = new ConditionBuilder().withType("Ready").withReason("Overflow").build();

    BudgetStatus status =
        BudgetAccount.overflowed(budget, Instant.parse("2026-11-30T00:00:00Z"), condition);

    assertEquals(BudgetState.EXHAUSTED, status.state());
    assertEquals(AheadAction.DEGRADE, status.action());
    assertEquals(5 * UNIT, spent(status), "what fitted last");
    assertEquals(List.of(condition), status.conditions());
    BudgetStatus next =
        BudgetAccount.overflowed(budget, Instant.parse("2026-12-01T00:00:00Z"), condition);
    assertEquals("2026-12", next.period());
    assertNull(next.spent());
  }

  /** 5,000 nodes with 100 functions each: the figure is printed. */
  @Test
  void allBudgets_areComputedFromSums_notFromNodes() {
    int nodes = 5000;
    int functions = 100;
    int namespaces = 50;
    var written = new ArrayList<NodeUsage>();
    for (int node = 0; node < nodes; node++) {
      var usage = new ArrayList<Usage>();
      for (int f = 0; f < functions; f++) {
        // Ten functions in each of ten namespaces.
        int namespace = (node + f / 10) % namespaces;
        usage.add(
            new Usage(
                "ns-" + namespace, "f-" + f % 10 + "-" + node % 20, "dear", 1000, 5, 7, 1, 3, 2));
      }
      var object = new NodeUsage();
      object.setSpec(new NodeUsageSpec("node-" + node, "2026-11", 0));
      object.setStatus(new NodeUsageStatus(1, usage));
      written.add(object);
    }
    long best = Long.MAX_VALUE;
    long update = Long.MAX_VALUE;
    var all = new UsageIndex();
    long began = System.nanoTime();
    written.forEach(object -> all.changed(null, object));
    long filled = System.nanoTime() - began;
    long total = 0;
    for (int round = 0; round < 5; round++) {
      began = System.nanoTime();
      total = 0;
      for (int namespace = 0; namespace < namespaces; namespace++) {
        String name = "ns-" + namespace;
        var result =
            BudgetAccount.compute(
                budget("monthlyLimit: 50"),
                Instant.parse("2026-11-24T00:00:00Z"),
                month -> all.of(month, name),
                _ -> true,
                (_, _) -> OptionalLong.empty());
        total += spent(result.status());
      }
      best = Math.min(best, System.nanoTime() - began);
      began = System.nanoTime();
      written.forEach(object -> all.changed(object, object));
      update = Math.min(update, System.nanoTime() - began);
    }
    System.out.printf(
        "%d nodes x %d functions: filled in %d ms, every node written anew in %d ms, %d budgets computed in %d ms%n",
        nodes,
        functions,
        TimeUnit.NANOSECONDS.toMillis(filled),
        TimeUnit.NANOSECONDS.toMillis(update),
        namespaces,
        TimeUnit.NANOSECONDS.toMillis(best));
    // 7 each, and what the remainders come to, less than one nano-unit for each.
    long least = 7L * nodes * functions;
    long sum = total;
    assertTrue(sum >= least && sum < least + (long) nodes * functions, () -> "a sum of " + sum);
  }
}
