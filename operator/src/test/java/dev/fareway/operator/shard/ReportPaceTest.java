package dev.fareway.operator.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ReportPaceTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private long now = 7 * SECOND;
  private final ReportPace pace = new ReportPace(now);

  @Test
  void reports_fewAtOnce_areNotHeldUp() {
    assertBetween(ReportPace.BURST, 100, written(SECOND, 4 * MILLI));
    now += 10 * SECOND;
    int atOnce = 0;
    while (pace.waitNanos(now) == 0 && atOnce < 1_000) {
      write(4 * MILLI);
      atOnce++;
    }
    assertBetween(ReportPace.BURST, 2 * ReportPace.BURST, atOnce);
  }

  @Test
  void reports_whileNothingIsBound_takeAQuarterOfTheTime() {
    written(SECOND, 4 * MILLI);
    assertBetween(400, 500, written(10 * SECOND, 4 * MILLI));
    // An API server that takes ten times as long is written to less often.
    assertBetween(50, 65, written(10 * SECOND, 40 * MILLI));
  }

  @Test
  void reports_whilePodsAreBound_areFew() {
    written(SECOND, 4 * MILLI);
    int written = 0;
    for (int i = 0; i < 500; i++) {
      pace.bindingBegan(now);
      assertTrue(pace.waitNanos(now) > 0, "a report beside binding " + i);
      now += 4 * MILLI;
      assertTrue(pace.bindingEnded(now));
      written += written(16 * MILLI, 4 * MILLI);
    }
    assertBetween(20, 45, written);
  }

  @Test
  void reports_besideBindingsWithoutEnd_areWrittenAllTheSame() {
    pace.bindingBegan(now);
    pace.bindingBegan(now);
    assertEquals(ReportPace.YIELD_NANOS, pace.waitNanos(now));
    assertFalse(pace.bindingEnded(now));
    now += ReportPace.YIELD_NANOS;
    assertEquals(0, pace.waitNanos(now));
    written(20 * SECOND, 4 * MILLI);
    assertBetween(35, 41, written(10 * SECOND, 4 * MILLI));
  }

  @Test
  void reports_afterAWriteThatHung_goOnInAWhile() {
    written(SECOND, 4 * MILLI);
    pace.bindingBegan(now);
    pace.bindingEnded(now);
    write(60 * SECOND);
    assertBetween(0L, 10 * SECOND, pace.waitNanos(now));
  }

  private static void assertBetween(long least, long most, long is) {
    assertTrue(least <= is && is <= most, () -> "%d, not %d to %d".formatted(is, least, most));
  }

  /** Writes as often as it may for so long; how many. */
  private int written(long nanos, long tookNanos) {
    long end = now + nanos;
    int count = 0;
    while (true) {
      long wait = pace.waitNanos(now);
      if (now + wait >= end) {
        now = Math.max(now, end);
        return count;
      }
      now += wait;
      write(tookNanos);
      count++;
    }
  }

  private void write(long tookNanos) {
    now += tookNanos;
    pace.wrote(tookNanos, now);
  }
}
