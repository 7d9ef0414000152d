package dev.fareway.operator.budget;

import dev.fareway.crds.BudgetStatus;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When a budget's status is written: news at once, figures alone once in a period. The periods of
 * many budgets are spread, also after a replica has taken over, so that not all are written at
 * once. Not thread-safe.
 */
final class StatusPace {
  private final Duration period;
  private final Duration first;
  private @Nullable Instant notBefore;

  /**
   * Nothing is written yet.
   *
   * @param period between two writes of figures alone
   * @param of whose it is: says which part of the first period is waited
   */
  StatusPace(Duration period, String of) {
    this.period = period;
    this.first = Duration.ofMillis(Math.floorMod(of.hashCode(), Math.max(1, period.toMillis())));
  }

  /**
   * Whether it is to be written now; if so, it is taken as written.
   *
   * @param before as it is stored; null: never written
   */
  boolean isDue(@Nullable BudgetStatus before, BudgetStatus now, Instant at) {
    // A clock that was put back does not keep it waiting for longer than a period.
    if (notBefore == null || notBefore.isAfter(at.plus(period))) {
      notBefore = at.plus(first);
    }
    if (now.equals(before) || (!isNews(before, now) && at.isBefore(notBefore))) {
      return false;
    }
    notBefore = at.plus(period);
    return true;
  }

  private static boolean isNews(@Nullable BudgetStatus before, BudgetStatus now) {
    return before == null
        || !Objects.equals(before.period(), now.period())
        || before.state() != now.state()
        || before.action() != now.action()
        || !before.warned().equals(now.warned())
        || !saying(before.conditions()).equals(saying(now.conditions()));
  }

  /** Without the message, which has figures. */
  private static Set<String> saying(List<Condition> conditions) {
    var saying = new HashSet<String>();
    conditions.forEach(of -> saying.add(of.getType() + of.getStatus() + of.getReason()));
    return saying;
  }
}
