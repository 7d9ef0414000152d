package dev.fareway.operator.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fareway.crds.AheadAction;
import dev.fareway.crds.Budget;
import dev.fareway.crds.BudgetSpec;
import dev.fareway.crds.BudgetState;
import dev.fareway.crds.BudgetStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetFiguresTest {
  private static final Instant MID_NOVEMBER = Instant.parse("2026-11-16T00:00:00Z");

  @Test
  void figures_areSharesOfTheLimitAndOfTheMonth() {
    Budget budget = budget(BudgetSpec.ofLimit("50"));
    budget.setStatus(
        new BudgetStatus(
            "2026-11",
            new Quantity("12.5"),
            new Quantity("25"),
            BudgetState.WITHIN,
            AheadAction.NONE,
            0,
            0,
            List.of(),
            null,
            List.of(),
            List.of(),
            List.of()));

    ConsoleState.BudgetState state = BudgetFigures.of(budget, MID_NOVEMBER);

    assertEquals("50", state.limit());
    assertEquals("12.5", state.spent());
    assertEquals(25, state.spentPercent());
    assertEquals(50, state.forecastPercent());
    assertEquals(50, state.monthPercent());
    assertEquals("Within", state.state());
    assertEquals("None", state.action());
  }

  @Test
  void figures_areEmpty_whileTheBudgetWasNotJudged() {
    ConsoleState.BudgetState state =
        BudgetFigures.of(budget(BudgetSpec.ofLimit("50")), MID_NOVEMBER);

    assertEquals("", state.period());
    assertEquals("", state.spent());
    assertEquals("", state.state());
    assertEquals(0, state.spentPercent());
  }

  @Test
  void figures_areEmpty_whenTheLimitIsNoAmount() {
    ConsoleState.BudgetState state =
        BudgetFigures.of(budget(BudgetSpec.ofLimit("fifty")), MID_NOVEMBER);

    assertEquals("", state.limit());
    assertEquals(0, state.spentPercent());
  }

  private static Budget budget(BudgetSpec spec) {
    var budget = new Budget();
    budget.setMetadata(new ObjectMetaBuilder().withNamespace("shop").withName("all").build());
    budget.setSpec(spec);
    return budget;
  }
}
