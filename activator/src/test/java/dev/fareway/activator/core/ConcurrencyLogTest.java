package dev.fareway.activator.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConcurrencyLogTest {
  private static final RevisionKey F = new RevisionKey("ns", "f");
  private static final long SECOND = 1_000_000_000L;

  private final ConcurrencyLog log = new ConcurrencyLog();

  @Test
  void firstRequest_isReportedAtOnce_andTakenOffTheNextReport() {
    assertTrue(log.arrived(F, 0));
    assertFalse(log.arrived(F, SECOND / 2));

    // 1 for the whole second, 1 for half of it; 1 was said at once.
    assertEquals(List.of(new ConcurrencyLog.Report(F, 0.5, 1)), log.report(SECOND));
    assertEquals(List.of(new ConcurrencyLog.Report(F, 2, 0)), log.report(2 * SECOND));
  }

  @Test
  void idleFunction_getsOneReportOfZero_andIsForgotten() {
    log.arrived(F, 0);
    log.ended(F, SECOND / 4);
    assertEquals(List.of(new ConcurrencyLog.Report(F, 0, 0)), log.report(SECOND));

    assertEquals(List.of(new ConcurrencyLog.Report(F, 0, 0)), log.report(2 * SECOND));
    assertEquals(0, log.functions());
    assertEquals(List.of(), log.report(3 * SECOND));
    assertTrue(log.arrived(F, 3 * SECOND), "it is new again");
  }
}
