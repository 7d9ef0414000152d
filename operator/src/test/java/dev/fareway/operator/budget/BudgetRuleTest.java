package dev.fareway.operator.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.BudgetState;
import dev.fareway.operator.budget.BudgetRule.Situation;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetRuleTest {
  private static final Duration MONTH = Duration.ofDays(30);
  private static final long UNIT = 1_000_000_000;
  private static final List<BudgetState> STATES = List.of(BudgetState.values());

  private static Situation situation(double spent, int day, int burst, OptionalLong rate) {
    return new Situation(
        50 * UNIT, burst, Math.round(spent * UNIT), Duration.ofDays(day), MONTH, rate);
  }

  @ParameterizedTest
  @CsvSource({
    // spent, day, burst, before, state
    "0, 0, 20, , WITHIN",
    "10, 0, 20, , WITHIN",
    "10.1, 0, 20, , AHEAD",
    "26.6, 10, 20, , WITHIN",
    "26.7, 10, 20, , AHEAD",
    "22, 10, 20, AHEAD, AHEAD",
    "21.6, 10, 20, AHEAD, WITHIN",
    "22, 10, 20, WITHIN, WITHIN",
    "16.7, 10, 0, , AHEAD",
    "16.3, 10, 0, AHEAD, AHEAD",
    "16.1, 10, 0, AHEAD, WITHIN",
    "49.99, 30, 0, , WITHIN",
    "50, 30, 100, , EXHAUSTED",
    "50, 1, 100, , EXHAUSTED",
    "49, 1, 100, , WITHIN",
    // The limit was raised.
    "26, 10, 20, EXHAUSTED, AHEAD",
    "20, 10, 20, EXHAUSTED, WITHIN"
  })
  void state_followsFromTimeAndBurst(
      double spent, int day, int burst, @Nullable BudgetState before, BudgetState state) {
    assertEquals(
        state,
        BudgetRule.judge(situation(spent, day, burst, OptionalLong.empty()), before).state());
  }

  @Test
  void forecast_goesOnAtTheRecentRate_elseAtTheMonthsPace() {
    assertEquals(
        OptionalLong.of(30 * UNIT),
        BudgetRule.judge(situation(10, 10, 20, OptionalLong.empty()), null).forecast());
    // 20 days at 0.1 an hour: 48.
    assertEquals(
        OptionalLong.of(58 * UNIT),
        BudgetRule.judge(situation(10, 10, 20, OptionalLong.of(UNIT / 10)), null).forecast());
    assertEquals(
        OptionalLong.of(0),
        BudgetRule.judge(situation(0, 0, 20, OptionalLong.empty()), null).forecast());
    assertEquals(
        OptionalLong.empty(),
        BudgetRule.judge(situation(10, 10, 20, OptionalLong.of(Long.MAX_VALUE)), null).forecast());
  }

  @Test
  void judge_neitherWrapsNorFails_nearTheLimits() {
    var atTheEnd =
        new Situation(Long.MAX_VALUE, 100, Long.MAX_VALUE - 1, MONTH, MONTH, OptionalLong.empty());
    assertEquals(BudgetState.WITHIN, BudgetRule.judge(atTheEnd, null).state());
    assertEquals(Long.MAX_VALUE, BudgetRule.judge(atTheEnd, null).even());
    assertThrows(
        IllegalArgumentException.class,
        () -> new Situation(0, 0, 0, Duration.ZERO, MONTH, OptionalLong.empty()));
  }

  /** More spent is never a milder state, more time never a stricter one. */
  @Test
  void state_isMonotonous() {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    System.out.println("fareway.seed=" + seed);
    var random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      long limit = 1 + random.nextLong(Long.MAX_VALUE);
      int burst = random.nextInt(101);
      long spent = random.nextLong(Long.MAX_VALUE);
      Duration elapsed = Duration.ofMillis(random.nextLong(MONTH.toMillis()));
      BudgetState before = STATES.get(random.nextInt(STATES.size()));
      BudgetState state = state(limit, burst, spent, elapsed, before);
      long more = spent + random.nextLong(Long.MAX_VALUE - spent);
      Duration later = elapsed.plusMillis(random.nextLong(MONTH.minus(elapsed).toMillis() + 1));
      assertTrue(state.compareTo(state(limit, burst, more, elapsed, before)) <= 0, "seed " + seed);
      assertTrue(state.compareTo(state(limit, burst, spent, later, before)) >= 0, "seed " + seed);
    }
  }

  /**
   * A function that goes on at the pace of an even month, unevenly, just where Ahead begins:
   * without hysteresis its state would flip with every reading.
   */
  @Test
  void state_doesNotFlipWithEveryReading() {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    System.out.println("fareway.seed=" + seed);
    var random = new Random(seed);
    long limit = 50 * UNIT;
    long spent = limit / 5;
    BudgetState state = BudgetState.WITHIN;
    int flips = 0;
    long hours = MONTH.toHours();
    for (int hour = 0; hour < hours * 7 / 10; hour++) {
      spent += limit / hours * (random.nextBoolean() ? 2 : 0);
      BudgetState now = state(limit, 20, spent, Duration.ofHours(hour), state);
      flips += now == state ? 0 : 1;
      state = now;
    }
    int count = flips;
    assertTrue(count <= 3, () -> "%d flips, seed %d".formatted(count, seed));
  }

  private static BudgetState state(
      long limit, int burst, long spent, Duration elapsed, BudgetState before) {
    return BudgetRule.judge(
            new Situation(limit, burst, spent, elapsed, MONTH, OptionalLong.empty()), before)
        .state();
  }
}
