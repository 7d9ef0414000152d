package dev.fareway.crds;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;

/**
 * The figures of a {@link UsageReport}.
 *
 * @param complete whether all reports of the month are written and were compared with the nodes'
 *     objects: nothing of the month changes any more, and the nodes' objects may go
 * @param spending one entry per function and class; never null
 */
@JsonClassDescription("The figures.")
public record UsageReportStatus(
    @Default("false")
        @JsonPropertyDescription(
            "Whether all reports of the month are written and were compared with the nodes' objects."
                + " Then nothing of the month changes any more, and the nodes' objects may go.")
        @ValidationRule(value = "self || !oldSelf", message = "complete can't be undone")
        boolean complete,
    @Size(max = NodeUsageStatus.MAX_USAGE)
        @JsonPropertyDescription("What each function used in each price class it ran in.")
        List<Spending> spending) {

  /** Replaces a missing list by an empty one. */
  public UsageReportStatus {
    spending = List.copyOf(requireNonNullElse(spending, List.of()));
  }

  /**
   * What one function used in one class in the month, over all nodes.
   *
   * @param function name of the function
   * @param priceClass name of the class it was charged in
   * @param cpuSeconds CPU time in whole seconds
   * @param memoryGiBSeconds memory held over time in whole GiB seconds
   * @param spent cost in the cluster's currency unit
   * @param memorySpent the part of it that is for memory
   */
  public record Spending(
      @Required @Size(min = 1, max = 253) @JsonPropertyDescription("Name of the function.")
          String function,
      @Required
          @Size(min = 1, max = 63)
          @JsonPropertyDescription("Name of the price class it was charged in.")
          String priceClass,
      @Min(0) @JsonPropertyDescription("CPU time used, in seconds.") long cpuSeconds,
      @Min(0) @JsonPropertyDescription("Memory held over time, in GiB seconds.")
          long memoryGiBSeconds,
      @Required @JsonPropertyDescription("What it cost, in the cluster's currency unit.")
          Quantity spent,
      @Required @JsonPropertyDescription("The part of the cost that is for memory.")
          Quantity memorySpent) {}
}
