package dev.fareway.crds;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * The counters of a {@link NodeUsage}.
 *
 * @param usage one entry per namespace, function and class; never null
 */
@JsonClassDescription("The counters.")
public record NodeUsageStatus(
    @Size(max = 10000)
        @JsonPropertyDescription("What each function used in each price class it ran in.")
        List<Usage> usage) {

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
          long costNanoUnits) {}
}
