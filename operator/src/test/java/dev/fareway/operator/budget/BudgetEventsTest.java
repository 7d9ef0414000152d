package dev.fareway.operator.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetEventsTest {
  private static final String UID = "11111111-1111-1111-1111-111111111111";

  @Test
  void name_saysOfWhatItIs() {
    assertEquals(
        "shop." + Integer.toHexString(UID.hashCode()) + ".2026-11.exhausted.1795000000",
        BudgetEvents.nameOf("shop", UID, "2026-11.EXHAUSTED.1795000000"));
  }

  @ParameterizedTest
  @ValueSource(ints = {189, 190, 191, 192, 253})
  void name_isOneThatTheApiServerTakes_howeverLongTheBudgetsIs(int length) {
    for (String unit : new String[] {"a.", "a-", "ab"}) {
      String budget = unit.repeat(127).substring(0, length - 1) + "z";
      String name = BudgetEvents.nameOf(budget, UID, "2026-11.EXHAUSTED.1795000000");
      assertTrue(name.length() <= 253, name);
      assertTrue(
          name.matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"), name);
      assertNotEquals(
          name, BudgetEvents.nameOf(budget, "22222222", "2026-11.EXHAUSTED.1795000000"));
    }
  }
}
