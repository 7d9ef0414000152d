package dev.fareway.e2e.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerdictTest {
  @Test
  void verdict_isAboutTheDearestClassUnderTheSpike() {
    Verdict verdict = Results.good().verdict();

    assertEquals(10, verdict.gain(), 1e-9);
    assertEquals(1, verdict.slowdown(), 1e-9);
    assertTrue(verdict.holds());
    assertEquals(
        "Under the spike, 99 of 100 interactive requests took at most 19.8 ms with Fareway, 198 ms"
            + " crowded, 19.8 ms alone on the machine: 10.0 times better than crowded, 1.00 times as"
            + " long as alone. All 1,500 requests of the three runs were answered.",
        verdict.sentence());
  }

  @Test
  void verdict_failsForAnyUnansweredRequest() {
    Verdict verdict = Results.result(2).verdict();

    assertFalse(verdict.holds());
    assertTrue(
        verdict.sentence().endsWith("2 of the three runs' 1,500 requests were NOT answered."));
  }

  @Test
  void disturbance_isToldWhenTheGeneratorItselfWasHeldUp() {
    assertEquals(Optional.empty(), Results.good().disturbance());

    String told = Results.late(70).disturbance().orElseThrow();
    assertTrue(told.contains("up to 70.0 ms late"), told);
  }

  @Test
  void verdict_holdsUpToItsBounds() {
    assertTrue(new Verdict("a", 10, 75, 15, 1, 0).holds());
    assertFalse(new Verdict("a", 10, 74.9, 15, 1, 0).holds());
    assertFalse(new Verdict("a", 10, 100, 15.1, 1, 0).holds());
    assertFalse(new Verdict("a", Double.NaN, 100, 15.1, 1, 0).holds());
  }
}
