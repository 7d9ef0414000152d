package dev.fareway.activator.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void debt_keepsTheNextOut_forAsLongAsItTakes() {
    var pace = new Pace(1000, 0, 0);
    assertEquals(0, pace.waitNanos(0));

    pace.charge(5000, 0);

    assertEquals(5 * SECOND, pace.waitNanos(0));
    assertEquals(2 * SECOND, pace.waitNanos(3 * SECOND));
    assertEquals(0, pace.waitNanos(5 * SECOND));
  }

  @Test
  void rest_earnsTheBurst_notMore() {
    var pace = new Pace(1000, 2000, 0);

    pace.charge(2000 + 1000, 100 * SECOND);

    assertEquals(SECOND, pace.waitNanos(100 * SECOND));
  }

  @Test
  void paceOfNothing_letsNoOneIn() {
    assertEquals(Long.MAX_VALUE, new Pace(0, 0, 0).waitNanos(SECOND));
  }

  @Test
  void change_holdsFromNowOn() {
    var pace = new Pace(1000, 0, 0);
    pace.charge(4000, 0);

    pace.change(500, SECOND);

    assertEquals(6 * SECOND, pace.waitNanos(SECOND));
  }
}
