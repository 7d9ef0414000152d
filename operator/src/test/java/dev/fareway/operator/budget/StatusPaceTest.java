package dev.fareway.operator.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.AheadAction;
import dev.fareway.crds.BudgetState;
import dev.fareway.crds.BudgetStatus;
import dev.fareway.crds.Money;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatusPaceTest {
  private static final Duration PERIOD = Duration.ofMinutes(1);
  private static final Instant NOON = Instant.parse("2026-11-03T12:00:00Z");

  private static BudgetStatus status(long spent, BudgetState state) {
    return new BudgetStatus(
        "2026-11",
        new Money(spent).toQuantity(),
        null,
        state,
        AheadAction.NONE,
        0,
        0,
        List.of(),
        null,
        List.of(),
        List.of(),
        List.of());
  }

  @Test
  void news_areWrittenAtOnce_andFiguresOnceInAPeriod() {
    var pace = new StatusPace(PERIOD, "shop/cart");
    BudgetStatus first = status(1, BudgetState.WITHIN);
    assertTrue(pace.isDue(null, first, NOON));
    assertFalse(pace.isDue(first, status(2, BudgetState.WITHIN), NOON.plusSeconds(59)));
    assertTrue(pace.isDue(first, status(2, BudgetState.AHEAD), NOON.plusSeconds(59)));
    assertFalse(
        pace.isDue(
            status(2, BudgetState.AHEAD), status(2, BudgetState.AHEAD), NOON.plusSeconds(500)));
    assertTrue(
        pace.isDue(
            status(2, BudgetState.AHEAD), status(3, BudgetState.AHEAD), NOON.plusSeconds(500)));
  }

  @Test
  void clockThatIsPutBack_keepsFiguresWaitingForAPeriodAtMost() {
    var pace = new StatusPace(PERIOD, "shop/cart");
    BudgetStatus stored = status(1, BudgetState.WITHIN);
    assertTrue(pace.isDue(null, stored, NOON));
    Instant dayBefore = NOON.minus(Duration.ofDays(1));
    assertFalse(pace.isDue(stored, status(2, BudgetState.WITHIN), dayBefore));
    assertTrue(pace.isDue(stored, status(2, BudgetState.WITHIN), dayBefore.plus(PERIOD)));
  }

  /**
   * 500 budgets, each of which has spent more at every look, for ten minutes, with another replica
   * that takes over after five: no minute has more than one write for each, nor any look more than
   * is due by then.
   */
  @Test
  void writesOfManyBudgets_areSpread_alsoAfterAFailOver() {
    int budgets = 500;
    int look = 10;
    var stored = new HashMap<String, BudgetStatus>();
    var writes = new ArrayList<Integer>();
    Map<String, StatusPace> paces = new HashMap<>();
    for (int second = 0; second < 600; second += look) {
      if (second == 300) {
        paces = new HashMap<>();
      }
      int written = 0;
      for (int i = 0; i < budgets; i++) {
        String name = "ns-" + i % 100 + "/budget-" + i;
        stored.putIfAbsent(name, status(0, BudgetState.WITHIN));
        BudgetStatus now = status(1 + second, BudgetState.WITHIN);
        if (paces
            .computeIfAbsent(name, of -> new StatusPace(PERIOD, of))
            .isDue(stored.get(name), now, NOON.plusSeconds(second))) {
          stored.put(name, now);
          written++;
        }
      }
      writes.add(written);
    }
    int total = writes.stream().mapToInt(Integer::intValue).sum();
    int most = writes.stream().mapToInt(Integer::intValue).max().orElseThrow();
    System.out.printf(
        "%d budgets that spend all the time: %.1f writes a second, %d in the %d s with the most%n",
        budgets, total / 600.0, most, look);
    assertTrue(total <= budgets * 600 / 60, () -> total + " writes in ten minutes");
    assertTrue(total > budgets * 600 / 60 * 8 / 10, () -> total + ": figures are not kept fresh");
    assertTrue(most <= budgets / 6 * 2, () -> most + " writes at once");
    assertEquals(budgets, stored.size());
  }
}
