package dev.fareway.crds;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the operator says about a {@link PriceClass}; nodes take rank, priority and weight from
 * here.
 *
 * @param rank order by price, 0 is the cheapest; null while the class can't be ranked
 * @param realtimePriority SCHED_FIFO priority of the class's threads, 1..39; null if the class
 *     stays on the normal scheduler
 * @param cpuWeight {@code cpu.weight} on nodes that enforce by weight, 1..10000; null while the
 *     class can't be ranked
 * @param functions functions of this class
 * @param instances instances of this class that are placed on a node
 * @param queued instances of this class that wait for a node
 * @param conditions what is right or wrong with the class; never null
 */
@JsonInclude(JsonInclude.Include.NON_NULL) // the API server refuses nulls
@JsonClassDescription("What the operator says about the price class.")
public record PriceClassStatus(
    @Min(0)
        @JsonPropertyDescription(
            "Order by price: 0 is the cheapest class. Absent while the class can't be ranked; the"
                + " conditions say why.")
        @Nullable Integer rank,
    @Min(1)
        @Max(39)
        @JsonPropertyDescription(
            "SCHED_FIFO priority of this class on nodes that enforce by real time; a sidecar that its"
                + " requests pass through runs one above. Absent: the class stays on the normal"
                + " scheduler.")
        @Nullable Integer realtimePriority,
    @Min(1)
        @Max(10000)
        @JsonPropertyDescription(
            "cpu.weight of this class on nodes that enforce by weight; 1 is the cheapest class.")
        @Nullable Integer cpuWeight,
    @Min(0) @JsonPropertyDescription("Number of functions of this class.") int functions,
    @Min(0) @JsonPropertyDescription("Number of instances of this class that are placed on a node.")
        int instances,
    @Min(0) @JsonPropertyDescription("Number of instances of this class that wait for a node.")
        int queued,
    @JsonPropertyDescription("What is right or wrong with the class; type Ready sums it up.")
        List<Condition> conditions) {

  /** Replaces a missing list by an empty one. */
  public PriceClassStatus {
    conditions = List.copyOf(requireNonNullElse(conditions, List.of()));
  }
}
