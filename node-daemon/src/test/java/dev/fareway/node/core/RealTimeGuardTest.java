package dev.fareway.node.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RealTimeGuardTest {
  private final RealTimeGuard guard = new RealTimeGuard();

  @Test
  void sample_takesTheCheapestRankOff_whenTheSumStaysHigh() {
    var hot = Map.of(1, 0.7, 2, 0.2);

    assertFalse(guard.sample(hot), "one sample is no reason");
    assertTrue(guard.sample(hot));
    assertEquals(2, guard.floor());
    assertFalse(guard.sample(hot), "what is left is 0.2");
  }

  @Test
  void sample_takesOneRankAfterTheOther_ifTheDearAloneIsTooMuch() {
    var hot = Map.of(1, 0.3, 2, 0.9);
    for (int i = 0; i < 4; i++) {
      guard.sample(hot);
    }

    assertEquals(3, guard.floor());
  }

  @Test
  void sample_doesNotReactToAShortPeak() {
    for (int i = 0; i < 10; i++) {
      assertFalse(guard.sample(Map.of(1, 0.95)));
      assertFalse(guard.sample(Map.of(1, 0.1)));
    }
  }

  @Test
  void sample_putsARankBack_onlyWhenItWouldFitForLong() {
    guard.sample(Map.of(1, 0.9));
    guard.sample(Map.of(1, 0.9));
    assertEquals(2, guard.floor());

    for (int i = 0; i < RealTimeGuard.CALM * 2; i++) {
      assertFalse(guard.sample(Map.of(1, 0.6)), "off real time it still wants 0.6");
    }
    for (int i = 0; i < RealTimeGuard.CALM - 1; i++) {
      assertFalse(guard.sample(Map.of(1, 0.2)));
    }
    assertTrue(guard.sample(Map.of(1, 0.2)));
    assertEquals(1, guard.floor());
  }
}
