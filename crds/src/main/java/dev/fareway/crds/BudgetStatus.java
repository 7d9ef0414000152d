package dev.fareway.crds;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the operator says about a {@link Budget}.
 *
 * @param period the calendar month that the figures are of, as {@code 2026-11}
 * @param spent spent so far in the period, in the cluster's currency unit
 * @param forecast expected by the end of the period at the recent pace
 * @param state how spending stands against the budget
 * @param action what is in force for the budget's functions
 * @param cpuSeconds CPU time used in the period, in whole seconds
 * @param memoryGiBSeconds memory held over time in the period, in whole GiB seconds
 * @param warned percentages of the limit that were warned of in the period; never null
 * @param opening what was on the counters when the period began; null: nothing
 * @param byFunction what each function spent, dearest first, at most {@link #MAX_FUNCTIONS}; never
 *     null
 * @param byPriceClass what was spent in each class, dearest class first; never null
 * @param conditions what is right or wrong with the budget; never null
 */
@JsonInclude(JsonInclude.Include.NON_NULL) // the API server refuses nulls
@JsonClassDescription("What the operator says about the budget.")
public record BudgetStatus(
    @JsonPropertyDescription("Calendar month that the figures are of, such as 2026-11.")
        @Nullable String period,
    @JsonPropertyDescription("Spent so far in the period, in the cluster's currency unit.")
        @Nullable Quantity spent,
    @JsonPropertyDescription("Expected by the end of the period at the recent pace.")
        @Nullable Quantity forecast,
    @JsonPropertyDescription(
            "Within: within reason for this time of the month. Ahead: ahead of an even month by more"
                + " than the burst allows. Exhausted: the monthly limit is reached.")
        @Nullable BudgetState state,
    @JsonPropertyDescription(
            "What is in force for the functions of this budget. None: nothing. Degrade: they run in the"
                + " class degradeTo if theirs is dearer. Throttle: new instances wait and running ones"
                + " slow down.")
        @Nullable AheadAction action,
    @Min(0) @JsonPropertyDescription("CPU time used in the period, in seconds.") long cpuSeconds,
    @Min(0) @JsonPropertyDescription("Memory held over time in the period, in GiB seconds.")
        long memoryGiBSeconds,
    @JsonPropertyDescription("Percentages of the limit that were warned of in the period.")
        List<Integer> warned,
    @JsonPropertyDescription(
            "What the counters of the month in UTC showed when the period began: it is not counted. Only"
                + " for time zones other than UTC.")
        @Nullable Opening opening,
    @Size(max = BudgetStatus.MAX_FUNCTIONS)
        @JsonPropertyDescription(
            "What each function spent in the period, the dearest first, at most 500 of them.")
        List<FunctionSpending> byFunction,
    @JsonPropertyDescription("What was spent in each price class in the period.")
        List<PriceClassSpending> byPriceClass,
    @JsonPropertyDescription("What is right or wrong with the budget; type Ready sums it up.")
        List<Condition> conditions) {

  /** Most functions listed: those that spent most. */
  public static final int MAX_FUNCTIONS = 500;

  /** Replaces missing lists by empty ones. */
  public BudgetStatus {
    warned = List.copyOf(requireNonNullElse(warned, List.of()));
    byFunction = List.copyOf(requireNonNullElse(byFunction, List.of()));
    byPriceClass = List.copyOf(requireNonNullElse(byPriceClass, List.of()));
    conditions = List.copyOf(requireNonNullElse(conditions, List.of()));
  }

  /**
   * What the counters showed when a period began that does not begin with a month in UTC.
   *
   * @param month the month in UTC that the period began in
   * @param spent in the cluster's currency unit
   * @param cpuSeconds CPU time in whole seconds
   * @param memoryGiBSeconds memory held over time in whole GiB seconds
   * @param byFunction the same by function, dearest first, at most {@link #MAX_FUNCTIONS}
   * @param byPriceClass the same by class
   */
  public record Opening(
      @Required @JsonPropertyDescription("The month in UTC that the period began in.") String month,
      @Required @JsonPropertyDescription("What was spent in it before the period.") Quantity spent,
      @Min(0) @JsonPropertyDescription("CPU time used in it before the period, in seconds.")
          long cpuSeconds,
      @Min(0)
          @JsonPropertyDescription("Memory held over time in it before the period, in GiB seconds.")
          long memoryGiBSeconds,
      @JsonPropertyDescription("What each function had spent.") List<FunctionSpending> byFunction,
      @JsonPropertyDescription("What had been spent in each price class.")
          List<PriceClassSpending> byPriceClass) {

    /** Replaces missing lists by empty ones. */
    public Opening {
      byFunction = List.copyOf(requireNonNullElse(byFunction, List.of()));
      byPriceClass = List.copyOf(requireNonNullElse(byPriceClass, List.of()));
    }
  }

  /**
   * What one function spent.
   *
   * @param function its name
   * @param spent in the cluster's currency unit, over all classes it ran in
   * @param cpuSeconds CPU time in whole seconds
   * @param memoryGiBSeconds memory held over time in whole GiB seconds
   */
  public record FunctionSpending(
      @Required @JsonPropertyDescription("Name of the function.") String function,
      @Required @JsonPropertyDescription("What it spent, in the cluster's currency unit.")
          Quantity spent,
      @Min(0) @JsonPropertyDescription("CPU time it used, in seconds.") long cpuSeconds,
      @Min(0) @JsonPropertyDescription("Memory it held over time, in GiB seconds.")
          long memoryGiBSeconds) {}

  /**
   * What was spent in one class.
   *
   * @param priceClass name of the class
   * @param spent in the cluster's currency unit, over all functions that ran in it
   * @param cpuSeconds CPU time in whole seconds
   * @param memoryGiBSeconds memory held over time in whole GiB seconds
   */
  public record PriceClassSpending(
      @Required @JsonPropertyDescription("Name of the price class.") String priceClass,
      @Required @JsonPropertyDescription("What was spent in it, in the cluster's currency unit.")
          Quantity spent,
      @Min(0) @JsonPropertyDescription("CPU time used in it, in seconds.") long cpuSeconds,
      @Min(0) @JsonPropertyDescription("Memory held in it over time, in GiB seconds.")
          long memoryGiBSeconds) {}
}
