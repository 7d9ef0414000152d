package dev.fareway.crds;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * The counters of a {@link NodeUsage}.
 *
 * @param sequence how often the counters were written: a node that restarts tells by it whether its
 *     last write arrived
 * @param usage one entry per namespace, function and class; never null
 */
@JsonClassDescription("The counters.")
public record NodeUsageStatus(
    @Min(0)
        @JsonPropertyDescription(
            "How often the counters were written. By it a node that restarts tells whether its last"
                + " write arrived.")
        long sequence,
    @Size(max = NodeUsageStatus.MAX_USAGE)
        @JsonPropertyDescription("What each function used in each price class it ran in.")
        List<Usage> usage) {

  /**
   * Most entries of one object: with the longest names, and what the API server notes of each
   * field's owner, they stay below the 1.5 MiB that etcd takes.
   */
  public static final int MAX_USAGE = 512;

  /** Replaces a missing list by an empty one. */
  public NodeUsageStatus {
    usage = List.copyOf(requireNonNullElse(usage, List.of()));
  }

  /**
   * What one function used in one class on the node in the month. The API server refuses a counter
   * that shrinks.
   *
   * @param namespace namespace of the function
   * @param function name of the function
   * @param priceClass name of the class it was charged in
   * @param cpuNanos CPU time in nanoseconds
   * @param memoryByteSeconds memory held over time, in byte seconds
   * @param costNanoUnits cost in billionths of the cluster's currency unit
   * @param memoryCostNanoUnits the part of the cost that is for memory
   * @param cpuCostRemainder what rounding has left of the cost of CPU time, in billionths of a
   *     nano-unit
   * @param memoryCostRemainder what rounding has left of the cost of memory, in 2^-30 nano-units
   */
  public record Usage(
      @Required @Size(min = 1, max = 63) @JsonPropertyDescription("Namespace of the function.")
          String namespace,
      @Required @Size(min = 1, max = 253) @JsonPropertyDescription("Name of the function.")
          String function,
      @Required
          @Size(min = 1, max = 63)
          @JsonPropertyDescription("Name of the price class it was charged in.")
          String priceClass,
      @Required
          @Min(0)
          @JsonPropertyDescription("CPU time used, in nanoseconds.")
          @ValidationRule(value = "self >= oldSelf", message = "cpuNanos can't shrink")
          long cpuNanos,
      @Required
          @Min(0)
          @JsonPropertyDescription("Memory held over time, in byte seconds.")
          @ValidationRule(value = "self >= oldSelf", message = "memoryByteSeconds can't shrink")
          long memoryByteSeconds,
      @Required
          @Min(0)
          @JsonPropertyDescription("Cost in billionths of the cluster's currency unit.")
          @ValidationRule(value = "self >= oldSelf", message = "costNanoUnits can't shrink")
          long costNanoUnits,
      @Min(0)
          @JsonPropertyDescription(
              "The part of the cost that is for memory, in billionths of the currency unit.")
          @ValidationRule(value = "self >= oldSelf", message = "memoryCostNanoUnits can't shrink")
          long memoryCostNanoUnits,
      @Min(0)
          @Max(999_999_999)
          @JsonPropertyDescription(
              "What rounding has left of the cost of CPU time, in billionths of a nano-unit; carried"
                  + " on, so that no rounding adds up.")
          long cpuCostRemainder,
      @Min(0)
          @Max((1 << 30) - 1)
          @JsonPropertyDescription(
              "What rounding has left of the cost of memory, in 2^-30 nano-units.")
          long memoryCostRemainder) {}
}
