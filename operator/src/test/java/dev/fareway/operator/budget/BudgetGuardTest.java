package dev.fareway.operator.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.Budget;
import dev.fareway.crds.BudgetSpec;
import dev.fareway.crds.Selection;
import dev.fareway.operator.budget.BudgetAction.Degrade;
import dev.fareway.operator.budget.BudgetAction.Throttle;
import dev.fareway.operator.budget.BudgetGuard.InForce;
import dev.fareway.operator.shard.PlacementGuard.Ruling;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetGuardTest {
  private static final LabelSelector CART =
      new LabelSelectorBuilder().addToMatchLabels("app", "cart").build();
  private static final Map<String, String> LABELS = Map.of("app", "cart");

  private final BudgetGuard guard = new BudgetGuard();

  private static InForce inForce(String budget, LabelSelector selector, BudgetAction action) {
    return new InForce(budget, selector, action);
  }

  private String mark(Map<String, String> labels) {
    return guard.mark("shop", labels).text();
  }

  @Test
  void guard_rulesOverItsNamespaceAndWhatItSelectsAlone() {
    var throttle = new Throttle("exhausted", 1, false);
    assertTrue(guard.put("shop", "b", inForce("b", CART, throttle)));
    assertFalse(guard.put("shop", "b", inForce("b", CART, throttle)));

    assertEquals(new Ruling.Throttled("exhausted"), guard.judge("shop", LABELS));
    assertEquals("Throttle=1m", mark(LABELS));
    assertEquals(new Ruling.Free(), guard.judge("shop", Map.of("app", "mail")));
    assertEquals(new Ruling.Free(), guard.judge("other", LABELS));
    assertTrue(guard.put("shop", "b", null));
    assertEquals("", mark(LABELS));
  }

  @Test
  void strictest_holds_whenSeveralBudgetsSelectAPod() {
    guard.put("shop", "c", inForce("c", CART, new Degrade("cheapest", 1)));
    guard.put("shop", "b", inForce("b", new LabelSelector(), new Degrade("batch", 2)));
    assertEquals("Degrade=cheapest", mark(LABELS));
    assertEquals("Degrade=batch", mark(Map.of()));
    guard.put("shop", "d", inForce("d", CART, new Throttle("ahead", 100, false)));
    assertEquals("Throttle=100m", mark(LABELS));
    guard.put("shop", "e", inForce("e", CART, new Throttle("exhausted", 1, false)));
    assertEquals("Throttle=1m", mark(LABELS));
    guard.put("shop", "a", inForce("a", CART, new Throttle("exhausted", 1, true)));
    assertEquals(Optional.of(new Throttle("exhausted", 1, true)), guard.inForce("shop", LABELS));
  }

  private static Budget budget(String name, String created, String spec) {
    var budget = new Budget();
    budget.getMetadata().setName(name);
    budget.getMetadata().setCreationTimestamp(created);
    budget.setSpec(Serialization.unmarshal(spec, BudgetSpec.class));
    return budget;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "monthlyLimit: -1; InvalidSpec; spec.monthlyLimit",
        "monthlyLimit: 5 EUR; InvalidSpec; spec.monthlyLimit",
        "monthlyLimit: 50\\nburst: 200%; InvalidSpec; spec.burst",
        "monthlyLimit: 50\\ntimeZone: Mars/Olympus; InvalidSpec; spec.timeZone",
        "monthlyLimit: 50\\nwarnAt: [0]; InvalidSpec; spec.warnAt",
        "monthlyLimit: 50\\nselector: {matchExpressions: [{key: a, operator: Like}]}; InvalidSpec; spec.selector",
        "monthlyLimit: 50\\nexhausted: Degrade; DegradeToMissing; spec.degradeTo",
        "monthlyLimit: 50\\nahead: Degrade\\ndegradeTo: none; UnknownPriceClass; spec.degradeTo",
        "monthlyLimit: 50\\nahead: Degrade\\ndegradeTo: dear; DegradeToDearer; spec.degradeTo",
      })
  void problem_namesTheField(String spec, String reason, String field) {
    var problem =
        BudgetProblems.of(
                budget("b", "", spec.replace("\\n", "\n")),
                Map.of("dear", 2000L, "cheap", 2L),
                Set.of("cheap"))
            .orElseThrow();
    assertEquals(reason, problem.reason());
    assertTrue(problem.message().startsWith(field), problem::message);
  }

  @Test
  void overlap_isToldToTheYoungerBudget() {
    Budget older = budget("old", "2026-01-01T00:00:00Z", "monthlyLimit: 50");
    Budget younger = budget("young", "2026-02-01T00:00:00Z", "monthlyLimit: 50");
    var problem =
        BudgetProblems.overlap(younger, Set.of("cart", "mail"), Map.of(older, Set.of("cart")))
            .orElseThrow();
    assertEquals("SelectorOverlaps", problem.reason());
    assertTrue(problem.message().contains("spec.selector selects cart, as Budget old does"));
    assertTrue(
        BudgetProblems.overlap(older, Set.of("cart"), Map.of(younger, Set.of("cart"))).isEmpty());
    assertTrue(
        BudgetProblems.overlap(younger, Set.of("mail"), Map.of(older, Set.of("cart"))).isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "In, true",
    "NotIn, false",
    "Exists, true",
    "DoesNotExist, false",
  })
  void selection_readsExpressions(String operator, boolean selected) {
    LabelSelector selector =
        new LabelSelectorBuilder()
            .addNewMatchExpression()
            .withKey("app")
            .withOperator(operator)
            .withValues("cart")
            .endMatchExpression()
            .build();
    assertEquals(selected, Selection.matches(selector, LABELS));
    assertEquals(!selected, Selection.matches(selector, Map.of()));
    assertFalse(Selection.isAll(selector));
    assertTrue(Selection.isAll(new LabelSelector()));
  }
}
