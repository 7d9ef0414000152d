package dev.fareway.crds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetMarkTest {
  @Test
  void text_isReadBack() {
    for (BudgetMark mark :
        new BudgetMark[] {
          new BudgetMark.Free(),
          new BudgetMark.Degraded("batch"),
          new BudgetMark.Throttled(1),
          new BudgetMark.Throttled(BudgetMark.MAX_MILLIS)
        }) {
      assertEquals(mark, BudgetMark.parse(mark.text()));
    }
    assertEquals("Throttle=100m", new BudgetMark.Throttled(100).text());
    assertEquals("Degrade=batch", new BudgetMark.Degraded("batch").text());
    assertEquals("", new BudgetMark.Free().text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Throttle",
        "Throttle=",
        "Throttle=0m",
        "Throttle=-1m",
        "Throttle=1000001m",
        "Throttle=1",
        "Throttle=99999999999999999999m",
        "Degrade=",
        "Degrade=No",
        "Degrade=a.b",
        "batch"
      })
  void whatCantBeRead_saysNothing(String value) {
    assertEquals(new BudgetMark.Free(), BudgetMark.parse(value));
  }

  @Test
  void throttle_outOfRange_isRefused() {
    assertThrows(IllegalArgumentException.class, () -> new BudgetMark.Throttled(0));
    assertThrows(
        IllegalArgumentException.class, () -> new BudgetMark.Throttled(BudgetMark.MAX_MILLIS + 1));
  }
}
