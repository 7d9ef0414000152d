package dev.fareway.node.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class UsageMonthsTest {
  @Test
  void month_isOfUtc() {
    assertEquals("2026-11", UsageMonths.of(Instant.parse("2026-11-30T23:59:59.999Z")));
    assertEquals("2026-12", UsageMonths.of(Instant.parse("2026-12-01T00:00:00Z")));
    // A leap second shows as the second before or after it, whatever the system does about it.
    assertEquals("2016-12", UsageMonths.of(Instant.parse("2016-12-31T23:59:60Z").minusSeconds(1)));
  }

  @Test
  void month_isClosedThreeDaysAfterItsEnd() {
    assertFalse(UsageMonths.isClosed("2026-11", Instant.parse("2026-12-03T23:59:59Z")));
    assertTrue(UsageMonths.isClosed("2026-11", Instant.parse("2026-12-04T00:00:00Z")));
    assertFalse(UsageMonths.isClosed("2026-12", Instant.parse("2026-11-01T00:00:00Z")));
  }

  @Test
  void month_mayBeDeleted_whenTheNextIsOver() {
    assertFalse(UsageMonths.mayBeDeleted("2026-11", Instant.parse("2026-12-31T23:59:59Z")));
    assertTrue(UsageMonths.mayBeDeleted("2026-11", Instant.parse("2027-01-01T00:00:00Z")));
  }
}
