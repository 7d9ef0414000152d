package dev.fareway.operator.budget;

import dev.fareway.crds.BudgetState;
import java.math.BigInteger;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Judges how spending stands against a budget. A pure function.
 *
 * <p>An even month spends the limit in proportion to the time that is over. Ahead is who is beyond
 * that by more than the burst. With a limit of 50 and a burst of 20%, on the 10th of 30 days: even
 * is 16.67, ahead begins above 26.67. Who is ahead is within reason again when half of the burst is
 * left (at 21.67), so that the state does not flip with every reading; with a burst of 0, a
 * hundredth of the limit below even. Exhausted is who has spent the limit; only a higher limit or
 * the next month changes that.
 */
final class BudgetRule {
  private static final int PERCENT = 100;

  private BudgetRule() {}

  /**
   * How things stand. All money in nano-units.
   *
   * @param limit of the month, more than 0
   * @param burstPercent how far ahead is within reason, 0 to 100
   * @param spent so far
   * @param elapsed how much of the month is over
   * @param length of the month
   * @param hourlyRate what was spent an hour lately; empty: not known, then the month's own pace
   */
  record Situation(
      long limit,
      int burstPercent,
      long spent,
      Duration elapsed,
      Duration length,
      OptionalLong hourlyRate) {
    Situation {
      if (limit <= 0
          || burstPercent < 0
          || burstPercent > PERCENT
          || spent < 0
          || elapsed.isNegative()
          || elapsed.compareTo(length) > 0) {
        throw new IllegalArgumentException(
            "limit %d, burst %d%%, spent %d, %s of %s is no situation of a budget"
                .formatted(limit, burstPercent, spent, elapsed, length));
      }
    }
  }

  /**
   * What follows.
   *
   * @param forecast by the end of the month; empty if that is more than can be written
   * @param even what an even month would have spent by now
   */
  record Judgement(BudgetState state, OptionalLong forecast, long even) {}

  /**
   * Judges.
   *
   * @param before the state that was last told in this month; null: none
   */
  static Judgement judge(Situation now, @Nullable BudgetState before) {
    long even = share(now.limit, now.elapsed, now.length);
    return new Judgement(state(now, even, before), forecast(now), even);
  }

  private static BudgetState state(Situation now, long even, @Nullable BudgetState before) {
    if (now.spent >= now.limit) {
      return BudgetState.EXHAUSTED;
    }
    BigInteger burst = percent(now.limit, now.burstPercent);
    BigInteger ahead = BigInteger.valueOf(even).add(burst);
    BigInteger spent = BigInteger.valueOf(now.spent);
    if (spent.compareTo(ahead) > 0) {
      return BudgetState.AHEAD;
    }
    boolean wasAhead = before == BudgetState.AHEAD || before == BudgetState.EXHAUSTED;
    BigInteger slack = burst.shiftRight(1).max(percent(now.limit, 1));
    return wasAhead && spent.compareTo(ahead.subtract(slack)) > 0
        ? BudgetState.AHEAD
        : BudgetState.WITHIN;
  }

  private static BigInteger percent(long of, int percent) {
    return BigInteger.valueOf(of)
        .multiply(BigInteger.valueOf(percent))
        .divide(BigInteger.valueOf(PERCENT));
  }

  private static OptionalLong forecast(Situation now) {
    BigInteger rest;
    if (now.hourlyRate.isPresent()) {
      rest =
          nanos(now.length.minus(now.elapsed))
              .multiply(BigInteger.valueOf(now.hourlyRate.getAsLong()))
              .divide(nanos(Duration.ofHours(1)));
    } else if (now.elapsed.isZero()) {
      rest = BigInteger.ZERO;
    } else {
      rest =
          nanos(now.length.minus(now.elapsed))
              .multiply(BigInteger.valueOf(now.spent))
              .divide(nanos(now.elapsed));
    }
    BigInteger sum = rest.add(BigInteger.valueOf(now.spent));
    return sum.bitLength() < Long.SIZE
        ? OptionalLong.of(sum.longValueExact())
        : OptionalLong.empty();
  }

  private static long share(long of, Duration elapsed, Duration length) {
    return BigInteger.valueOf(of).multiply(nanos(elapsed)).divide(nanos(length)).longValueExact();
  }

  private static BigInteger nanos(Duration duration) {
    return BigInteger.valueOf(duration.getSeconds())
        .multiply(BigInteger.valueOf(1_000_000_000))
        .add(BigInteger.valueOf(duration.getNano()));
  }
}
