package dev.fareway.operator.console;

import dev.fareway.crds.Budget;
import dev.fareway.crds.BudgetSpec;
import dev.fareway.crds.BudgetStatus;
import dev.fareway.crds.Money;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A budget's figures as they are shown. Pure. Example: of a limit of 50, 12.5 are spent, which is
 * 25%; on the 16th of a month of 30 days, at midnight, 50% of the month are over.
 */
final class BudgetFigures {
  private BudgetFigures() {}

  static ConsoleState.BudgetState of(Budget budget, Instant now) {
    BudgetSpec spec = budget.getSpec();
    BudgetStatus status = budget.getStatus();
    Quantity limit = spec == null ? null : spec.monthlyLimit();
    Quantity spent = status == null ? null : status.spent();
    Quantity forecast = status == null ? null : status.forecast();
    return new ConsoleState.BudgetState(
        budget.getMetadata().getNamespace(),
        budget.getMetadata().getName(),
        decimal(limit),
        status == null ? "" : Objects.requireNonNullElse(status.period(), ""),
        decimal(spent),
        decimal(forecast),
        percent(spent, limit),
        percent(forecast, limit),
        monthPercent(spec == null ? "UTC" : spec.timeZone(), now),
        status == null || status.state() == null ? "" : status.state().toString(),
        status == null || status.action() == null ? "" : status.action().toString(),
        status == null ? "" : problem(status));
  }

  private static String problem(BudgetStatus status) {
    return status.conditions().stream()
        .filter(condition -> "Ready".equals(condition.getType()))
        .filter(condition -> "False".equals(condition.getStatus()))
        .map(Condition::getMessage)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse("");
  }

  private static String decimal(@Nullable Quantity amount) {
    try {
      return amount == null ? "" : Money.of(amount).toString();
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** In tenths of a percent; 0 if one of both is no amount. */
  private static double percent(@Nullable Quantity part, @Nullable Quantity whole) {
    try {
      if (part == null || whole == null) {
        return 0;
      }
      long all = Money.of(whole).nanoUnits();
      return all == 0 ? 0 : tenths(100.0 * Money.of(part).nanoUnits() / all);
    } catch (IllegalArgumentException e) {
      return 0;
    }
  }

  private static double monthPercent(String timeZone, Instant now) {
    ZoneId zone;
    try {
      zone = ZoneId.of(timeZone);
    } catch (DateTimeException e) {
      zone = ZoneOffset.UTC;
    }
    YearMonth month = YearMonth.from(now.atZone(zone));
    Instant start = month.atDay(1).atStartOfDay(zone).toInstant();
    Instant end = month.plusMonths(1).atDay(1).atStartOfDay(zone).toInstant();
    return tenths(
        100.0 * Duration.between(start, now).toMillis() / Duration.between(start, end).toMillis());
  }

  private static double tenths(double percent) {
    return Math.round(percent * 10) / 10.0;
  }
}
