package dev.fareway.activator.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ThrottledTest {
  private final Budgets budgets = new Budgets();

  private static FunctionSettings function(String namespace, Map<String, String> labels) {
    return new FunctionSettings(
        new RevisionKey(namespace, "f"), "", "", null, AcceptClass.TRUSTED, 0, 1, 0, 0, labels);
  }

  @Test
  void oneOnEachPod_isLetIn_andNoMore() {
    assertEquals(OptionalInt.empty(), Throttled.retryAfterSeconds(2, 1));
    assertEquals(OptionalInt.of(1), Throttled.retryAfterSeconds(2, 2));
    assertEquals(OptionalInt.of(1), Throttled.retryAfterSeconds(2, 9));
  }

  @Test
  void functionWithoutPods_takesNothing() {
    assertEquals(OptionalInt.of(60), Throttled.retryAfterSeconds(0, 0));
  }

  @Test
  void budget_throttlesWhatItSelects_inItsNamespace_whileItSaysSo() {
    var shop = function("shop", Map.of("app", "shop"));
    budgets.throttle("shop", "b", function -> "shop".equals(function.labels().get("app")));

    assertTrue(budgets.isThrottled(shop));
    assertFalse(budgets.isThrottled(function("shop", Map.of("app", "other"))));
    assertFalse(budgets.isThrottled(function("mall", Map.of("app", "shop"))));
    budgets.release("shop", "b");
    assertFalse(budgets.isThrottled(shop));
  }

  @Test
  void anyOfSeveralBudgets_throttles() {
    var shop = function("shop", Map.of());
    budgets.throttle("shop", "a", function -> false);
    budgets.throttle("shop", "b", function -> true);

    assertTrue(budgets.isThrottled(shop));
    budgets.release("shop", "a");
    assertTrue(budgets.isThrottled(shop));
    budgets.release("shop", "unknown");
    assertTrue(budgets.isThrottled(shop));
  }
}
