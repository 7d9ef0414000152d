package dev.fareway.operator.budget;

import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * A calendar month of a time zone as a stretch of time.
 *
 * <p>Lengths are of the real time between the two beginnings: a month in which summer time begins
 * is an hour short. Where there is no midnight, because clocks are put forward then, the day begins
 * when the clocks go on. Leap seconds are smeared or stepped by the system's clock: none shows
 * here.
 *
 * @param month the month
 * @param start its first moment
 * @param end the first moment of the next
 */
record BudgetMonth(YearMonth month, Instant start, Instant end) {
  /** The month that a moment is in. */
  static BudgetMonth of(Instant now, ZoneId zone) {
    YearMonth month = YearMonth.from(now.atZone(zone));
    return new BudgetMonth(month, startOf(month, zone), startOf(month.plusMonths(1), zone));
  }

  private static Instant startOf(YearMonth month, ZoneId zone) {
    return month.atDay(1).atStartOfDay(zone).toInstant();
  }

  /** How long it lasts. */
  Duration length() {
    return Duration.between(start, end);
  }

  /** How much of it is over at a moment: from nothing to all of it. */
  Duration elapsed(Instant now) {
    Duration elapsed = Duration.between(start, now);
    if (elapsed.isNegative()) {
      return Duration.ZERO;
    }
    return elapsed.compareTo(length()) > 0 ? length() : elapsed;
  }

  /** Whether it begins when a month begins in UTC, as the nodes count. */
  boolean isAligned() {
    return startOf(utcMonthOfStart(), ZoneOffset.UTC).equals(start);
  }

  /** The month in UTC that it begins in. */
  YearMonth utcMonthOfStart() {
    return YearMonth.from(start.atZone(ZoneOffset.UTC));
  }

  /** The months in UTC from its beginning to its end, as nodes name them. */
  List<String> utcMonths() {
    var months = new ArrayList<String>();
    YearMonth last = YearMonth.from(end.minusNanos(1).atZone(ZoneOffset.UTC));
    for (YearMonth at = utcMonthOfStart(); !at.isAfter(last); at = at.plusMonths(1)) {
      months.add(at.toString());
    }
    return months;
  }
}
