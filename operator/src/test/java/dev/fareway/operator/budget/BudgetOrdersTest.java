package dev.fareway.operator.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fareway.crds.BudgetMark;
import dev.fareway.operator.budget.BudgetAction.Degrade;
import dev.fareway.operator.budget.BudgetAction.Throttle;
import dev.fareway.operator.budget.BudgetOrders.Order;
import dev.fareway.operator.budget.BudgetPods.FunctionInstance;
import dev.fareway.operator.budget.BudgetPods.Kind;
import dev.fareway.operator.budget.BudgetPods.Stage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BudgetOrdersTest {
  private static final Map<String, BudgetAction> IN_FORCE =
      Map.of(
          "slow", new Throttle("exhausted", 1, false),
          "gone", new Throttle("exhausted", 1, true),
          "down", new Degrade("batch", 1));

  private static FunctionInstance pod(String function, String mark, Stage stage, boolean ours) {
    return new FunctionInstance(
        "shop",
        function + "-1",
        function + "-1",
        new Kind(function, Map.of(), "dear"),
        mark,
        stage,
        ours);
  }

  private static List<Order> orders(FunctionInstance... pods) {
    return BudgetOrders.of(
        List.of(pods), kind -> Optional.ofNullable(IN_FORCE.get(kind.function())));
  }

  @Test
  void orders_areWhatIsNotAsItShouldBe_whatSavesMostFirst() {
    FunctionInstance free = pod("free", "Throttle=1m", Stage.ON_A_NODE, true);
    FunctionInstance down = pod("down", "", Stage.ON_A_NODE, true);
    FunctionInstance slow = pod("slow", "Throttle=100m", Stage.ON_A_NODE, true);
    FunctionInstance gone = pod("gone", "Throttle=1m", Stage.ON_A_NODE, true);
    FunctionInstance right = pod("slow", "Throttle=1m", Stage.ON_A_NODE, true);

    assertEquals(
        List.of(
            new Order.Tell(slow, new BudgetMark.Throttled(1)),
            new Order.Tell(down, new BudgetMark.Degraded("batch")),
            new Order.Evict(gone),
            new Order.Tell(free, new BudgetMark.Free())),
        orders(free, gone, down, right, slow));
  }

  @Test
  void podsThatWaitOrLeave_areLeftAlone() {
    assertEquals(List.of(), orders(pod("slow", "", Stage.WAITING, true)));
    assertEquals(List.of(), orders(pod("gone", "", Stage.LEAVING, true)));
  }

  @Test
  void podsWhoseSuccessorsWouldNotWait_areNotEvicted() {
    assertEquals(List.of(), orders(pod("gone", "Throttle=1m", Stage.ON_A_NODE, false)));
  }

  @Test
  void annotationThatSomebodyElseWrote_isPutRight() {
    FunctionInstance forged = pod("slow", "Throttle=1000000m", Stage.ON_A_NODE, true);
    assertEquals(List.of(new Order.Tell(forged, new BudgetMark.Throttled(1))), orders(forged));
    FunctionInstance garbled = pod("free", "never mind", Stage.ON_A_NODE, true);
    assertEquals(List.of(new Order.Tell(garbled, new BudgetMark.Free())), orders(garbled));
  }
}
