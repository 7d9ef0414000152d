package dev.fareway.operator.budget;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.OptionalLong;

/**
 * How fast a budget was spent lately: over the last hour, or less if less is known, but ten minutes
 * at least. A clock that goes back begins anew. Not thread-safe.
 */
final class SpendingRate {
  private static final Duration WINDOW = Duration.ofHours(1);
  private static final Duration LEAST = Duration.ofMinutes(10);
  private static final Duration STEP = Duration.ofMinutes(1);

  private final ArrayDeque<Point> points = new ArrayDeque<>();

  private record Point(Instant at, long spent) {}

  /** This much is spent by now, in nano-units; less than before: another month has begun. */
  void add(Instant now, long spent) {
    Point last = points.peekLast();
    if (last != null && (now.isBefore(last.at) || spent < last.spent)) {
      points.clear();
      last = null;
    }
    if (last == null || Duration.between(last.at, now).compareTo(STEP) >= 0) {
      points.add(new Point(now, spent));
    }
    // The first point is the last one that is a whole window old.
    while (points.size() > 1 && isOlder(second(), now)) {
      points.remove();
    }
  }

  private Point second() {
    var iterator = points.iterator();
    iterator.next();
    return iterator.next();
  }

  private static boolean isOlder(Point point, Instant now) {
    return Duration.between(point.at, now).compareTo(WINDOW) >= 0;
  }

  /** Nano-units an hour; empty as long as too little is known. */
  OptionalLong hourly(Instant now, long spent) {
    Point first = points.peek();
    if (first == null) {
      return OptionalLong.empty();
    }
    Duration over = Duration.between(first.at, now);
    if (over.compareTo(LEAST) < 0 || spent < first.spent) {
      return OptionalLong.empty();
    }
    BigInteger rate =
        BigInteger.valueOf(spent - first.spent)
            .multiply(BigInteger.valueOf(WINDOW.toMillis()))
            .divide(BigInteger.valueOf(over.toMillis()));
    return rate.bitLength() < Long.SIZE
        ? OptionalLong.of(rate.longValueExact())
        : OptionalLong.of(Long.MAX_VALUE);
  }
}
