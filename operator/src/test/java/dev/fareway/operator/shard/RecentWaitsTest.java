package dev.fareway.operator.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RecentWaitsTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final RecentWaits waits = new RecentWaits();

  @Test
  void summary_isNone_whenNothingWasPlaced() {
    assertEquals(RecentWaits.Summary.NONE, waits.summary(1_000 * SECOND));
  }

  @Test
  void summary_countsTheLastMinute() {
    waits.placed(2 * SECOND, 100 * SECOND);
    waits.placed(4 * SECOND, 145 * SECOND);

    assertEquals(new RecentWaits.Summary(2, 3 * SECOND, 4 * SECOND), waits.summary(149 * SECOND));
  }

  @Test
  void summary_leavesOut_whatIsOverAMinuteAgo() {
    waits.placed(9 * SECOND, 100 * SECOND);
    waits.placed(SECOND, 160 * SECOND);

    assertEquals(new RecentWaits.Summary(1, SECOND, SECOND), waits.summary(165 * SECOND));
    assertEquals(RecentWaits.Summary.NONE, waits.summary(300 * SECOND));
  }

  @Test
  void summary_isNeverNegative_whenWaitsAddUpToMoreThanALongHolds() {
    waits.placed(Long.MAX_VALUE, 0);
    waits.placed(Long.MAX_VALUE, 0);

    assertTrue(waits.summary(0).meanNanos() > 0);
  }

  @Test
  void placed_takesAClockThatWasAhead_forNoWait() {
    waits.placed(-5, 0);

    assertEquals(new RecentWaits.Summary(1, 0, 0), waits.summary(0));
  }
}
