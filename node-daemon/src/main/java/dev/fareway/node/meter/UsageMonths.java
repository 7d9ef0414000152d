package dev.fareway.node.meter;

import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;

/** The months that usage is counted by: calendar months in UTC. */
public final class UsageMonths {
  /**
   * So long after its end a month is written to. What is left then, since the API server was away
   * or the node, is charged to the month that is then: the operator archives a month two days
   * later.
   */
  public static final Duration WRITTEN_FOR = Duration.ofDays(3);

  private UsageMonths() {}

  /** The month of a moment, such as {@code 2026-11}. */
  public static String of(Instant now) {
    return YearMonth.from(now.atOffset(ZoneOffset.UTC)).toString();
  }

  /** Whether a month is over for so long that nothing may be written to it any more. */
  public static boolean isClosed(String month, Instant now) {
    return !now.isBefore(endOf(YearMonth.parse(month)).plus(WRITTEN_FOR));
  }

  /**
   * Whether what was written of a month may be archived and deleted: not before the month after it
   * is over, too.
   */
  public static boolean mayBeDeleted(String month, Instant now) {
    return !now.isBefore(endOf(YearMonth.parse(month).plusMonths(1)));
  }

  private static Instant endOf(YearMonth month) {
    return month.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
  }
}
