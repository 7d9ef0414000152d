package dev.fareway.crds;

import static java.util.Objects.requireNonNullElse;
import static java.util.Objects.requireNonNullElseGet;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the developer says about a {@link Budget}.
 *
 * <p>The schema guarantees the ranges, but an object may have got in without it: {@link #limit},
 * {@link #burstPercent}, {@link #zone} and {@link #warningPercents} check again.
 *
 * @param monthlyLimit most that may be spent in a calendar month, in the cluster's currency unit
 * @param selector which functions of the namespace count; empty means all
 * @param ahead what happens when spending runs ahead of the month
 * @param exhausted what happens at the limit
 * @param degradeTo the class that functions run in when an action is Degrade; null if none is
 * @param burst how far ahead of an even month is still within reason, as a percentage of the limit
 * @param timeZone zone whose calendar month counts
 * @param warnAt percentages of the limit at which an Event warns
 */
@JsonInclude(JsonInclude.Include.NON_NULL) // the API server refuses nulls
@JsonClassDescription("What the developer says about the budget.")
@ValidationRule(
    value =
        "has(self.degradeTo) || !((has(self.ahead) && self.ahead == 'Degrade') || (has(self.exhausted) && self.exhausted == 'Degrade'))",
    fieldPath = ".degradeTo",
    reason = "FieldValueRequired",
    message = "degradeTo must name a price class when ahead or exhausted is Degrade")
public record BudgetSpec(
    @Required
        @JsonPropertyDescription(
            "Most that the functions of this budget may spend in a calendar month, in the cluster's"
                + " currency unit, as a quantity: \"50\" or 500m. It must be more than 0.")
        @ValidationRule(
            value = "type(self) == string ? isQuantity(self) : true",
            message = "monthlyLimit must be a Kubernetes quantity, such as 50 or 0.5")
        @ValidationRule(
            value =
                "type(self) == string ? !isQuantity(self) || quantity(self).isGreaterThan(quantity('0')) : self > 0",
            message = "monthlyLimit must be more than 0")
        @ValidationRule(
            value =
                "type(self) == string ? !isQuantity(self) || !quantity(self).isGreaterThan(quantity('1G')) : self <= 1000000000",
            message = "monthlyLimit must be at most 1G")
        Quantity monthlyLimit,
    @Default("{}")
        @JsonPropertyDescription(
            "Which functions count, by their labels. Empty: every function of the namespace.")
        LabelSelector selector,
    @Default("None")
        @JsonPropertyDescription(
            "What happens when spending runs ahead of the month by more than the burst. None: a"
                + " warning only. Degrade: functions run in the class degradeTo. Throttle: new"
                + " instances wait and running ones slow down.")
        AheadAction ahead,
    @Default("Throttle")
        @JsonPropertyDescription(
            "What happens when the limit is reached, until the month turns or the limit is raised."
                + " Degrade: functions run in the class degradeTo. Throttle: new instances wait and"
                + " running ones slow down.")
        ExhaustedAction exhausted,
    @Size(max = 63)
        @JsonPropertyDescription(
            "Name of the price class that functions run in while an action is Degrade, if theirs is"
                + " dearer. Required when ahead or exhausted is Degrade.")
        @ValidationRule(
            value = "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
            message =
                "degradeTo must be the name of a price class: lower-case letters, digits and '-'")
        @Nullable String degradeTo,
    @Default("20%")
        @Size(max = 16)
        @JsonPropertyDescription(
            "How far ahead of an even month is still within reason, as a percentage of the limit from"
                + " 0% to 100%.")
        @ValidationRule(
            value = "self.matches('^(100|[1-9]?[0-9])%$')",
            message = "burst must be a whole percentage from 0% to 100%, such as 20%")
        String burst,
    @Default("UTC")
        @Size(max = 64)
        @JsonPropertyDescription(
            "Time zone whose calendar month counts, by its name in the IANA database: Europe/Berlin."
                + " After a change the month so far is counted by the zone of its first day.")
        @ValidationRule(
            value = "self.matches('^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$')",
            message = "timeZone must be the name of a time zone, such as UTC or Europe/Berlin")
        String timeZone,
    @Default("[50, 80, 100]")
        @Size(max = 10)
        @JsonPropertyDescription(
            "Percentages of the limit, 1 to 100, at which an Event warns, each once a month. Empty: no"
                + " warnings.")
        @ValidationRule(
            value = "self.all(percent, percent >= 1 && percent <= 100)",
            message = "warnAt must be percentages from 1 to 100")
        List<Integer> warnAt) {

  private static final String DEFAULT_BURST = "20%";
  private static final String DEFAULT_ZONE = "UTC";
  private static final List<Integer> DEFAULT_WARNINGS = List.of(50, 80, 100);

  /** Fills in the defaults that the schema names. */
  public BudgetSpec {
    selector = requireNonNullElseGet(selector, LabelSelector::new);
    ahead = requireNonNullElse(ahead, AheadAction.NONE);
    exhausted = requireNonNullElse(exhausted, ExhaustedAction.THROTTLE);
    burst = requireNonNullElse(burst, DEFAULT_BURST);
    timeZone = requireNonNullElse(timeZone, DEFAULT_ZONE);
    warnAt = List.copyOf(requireNonNullElse(warnAt, DEFAULT_WARNINGS));
  }

  /** A budget of this limit, with every other field at its default. */
  public static BudgetSpec ofLimit(String monthlyLimit) {
    return new BudgetSpec(
        new Quantity(monthlyLimit),
        new LabelSelector(),
        AheadAction.NONE,
        ExhaustedAction.THROTTLE,
        null,
        DEFAULT_BURST,
        DEFAULT_ZONE,
        DEFAULT_WARNINGS);
  }

  /**
   * The monthly limit, checked.
   *
   * @throws IllegalArgumentException naming the value, if it is missing, 0 or no amount of money
   */
  public Money limit() {
    if (monthlyLimit == null) {
      throw new IllegalArgumentException("spec.monthlyLimit is missing");
    }
    Money limit = Money.of(monthlyLimit);
    if (limit.equals(Money.ZERO)) {
      throw new IllegalArgumentException("spec.monthlyLimit must be more than 0");
    }
    return limit;
  }

  /**
   * The burst as a number from 0 to 100.
   *
   * @throws IllegalArgumentException naming the value, if it is no percentage
   */
  public int burstPercent() {
    if (!burst.matches("(100|[1-9]?[0-9])%")) {
      throw new IllegalArgumentException(
          "spec.burst \"" + burst + "\" must be a whole percentage from 0% to 100%");
    }
    return Integer.parseInt(burst, 0, burst.length() - 1, 10);
  }

  /**
   * The time zone whose months count.
   *
   * @throws IllegalArgumentException naming the value, if there is no such zone
   */
  public ZoneId zone() {
    try {
      return ZoneId.of(timeZone);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "spec.timeZone \"" + timeZone + "\" is no time zone; write one such as Europe/Berlin", e);
    }
  }

  /**
   * The percentages to warn at, ascending, each once.
   *
   * @throws IllegalArgumentException naming the value, if one is not from 1 to 100
   */
  public List<Integer> warningPercents() {
    for (int percent : warnAt) {
      if (percent < 1 || percent > 100) {
        throw new IllegalArgumentException(
            "spec.warnAt has %d: percentages go from 1 to 100".formatted(percent));
      }
    }
    return warnAt.stream().distinct().sorted().toList();
  }
}
