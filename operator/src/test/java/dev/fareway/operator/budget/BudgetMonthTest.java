package dev.fareway.operator.budget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetMonthTest {
  private static BudgetMonth at(String now, String zone) {
    return BudgetMonth.of(Instant.parse(now), ZoneId.of(zone));
  }

  @ParameterizedTest
  @CsvSource({
    // now, zone, month, start, hours, months in UTC
    "2026-11-24T00:00:00Z, UTC, 2026-11, 2026-11-01T00:00:00Z, 720, 2026-11",
    "2026-11-30T23:59:59Z, UTC, 2026-11, 2026-11-01T00:00:00Z, 720, 2026-11",
    "2026-12-01T00:00:00Z, UTC, 2026-12, 2026-12-01T00:00:00Z, 744, 2026-12",
    // Summer time begins: an hour short; ends: an hour long.
    "2026-03-15T00:00:00Z, Europe/Berlin, 2026-03, 2026-02-28T23:00:00Z, 743, 2026-02 2026-03",
    "2026-10-15T00:00:00Z, Europe/Berlin, 2026-10, 2026-09-30T22:00:00Z, 745, 2026-09 2026-10",
    "2026-11-30T22:59:59Z, Europe/Berlin, 2026-11, 2026-10-31T23:00:00Z, 720, 2026-10 2026-11",
    "2026-11-30T23:00:00Z, Europe/Berlin, 2026-12, 2026-11-30T23:00:00Z, 744, 2026-11 2026-12",
    // The furthest zones.
    "2026-11-30T10:00:00Z, Pacific/Kiritimati, 2026-12, 2026-11-30T10:00:00Z, 744, 2026-11 2026-12",
    "2026-12-01T10:59:59Z, Pacific/Pago_Pago, 2026-11, 2026-11-01T11:00:00Z, 720, 2026-11 2026-12",
    // A leap day, and a quarter of an hour.
    "2028-02-15T00:00:00Z, Asia/Kathmandu, 2028-02, 2028-01-31T18:15:00Z, 696, 2028-01 2028-02",
    // No midnight on the first: clocks were put forward from 0 to 1.
    "2000-10-15T00:00:00Z, America/Sao_Paulo, 2000-10, 2000-10-01T03:00:00Z, 743, 2000-10 2000-11"
  })
  void month_isOfItsZone(
      String now, String zone, String month, String start, long hours, String utcMonths) {
    BudgetMonth of = at(now, zone);
    assertEquals(month, of.month().toString());
    assertEquals(Instant.parse(start), of.start());
    assertEquals(Duration.ofHours(hours), of.length());
    assertEquals(List.of(utcMonths.split(" ", -1)), of.utcMonths());
    assertEquals(utcMonths.split(" ", -1).length == 1, of.isAligned());
  }

  @Test
  void months_followEachOtherWithoutGap_inEveryZone() {
    for (String zone : ZoneId.getAvailableZoneIds()) {
      BudgetMonth month = at("2026-01-15T00:00:00Z", zone);
      for (int i = 0; i < 12; i++) {
        BudgetMonth next = BudgetMonth.of(month.end(), ZoneId.of(zone));
        assertEquals(month.end(), next.start(), zone);
        assertEquals(month.month().plusMonths(1), next.month(), zone);
        assertEquals(
            month.month(),
            BudgetMonth.of(month.end().minusNanos(1), ZoneId.of(zone)).month(),
            zone);
        month = next;
      }
    }
  }

  @Test
  void elapsed_staysWithinTheMonth_whenTheClockJumps() {
    BudgetMonth november = at("2026-11-24T00:00:00Z", "UTC");
    assertEquals(Duration.ZERO, november.elapsed(Instant.parse("2026-10-01T00:00:00Z")));
    assertEquals(november.length(), november.elapsed(Instant.parse("2036-10-01T00:00:00Z")));
    assertTrue(november.isAligned());
  }
}
