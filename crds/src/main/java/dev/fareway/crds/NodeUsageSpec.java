package dev.fareway.crds;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Which node and month a {@link NodeUsage} is of, and which part of it; none ever changes.
 *
 * @param node name of the node
 * @param month calendar month in UTC, as {@code 2026-11}
 * @param page which part of the node's month, from 0
 */
@JsonClassDescription("Which node and month the counters are of.")
public record NodeUsageSpec(
    @Required
        @Size(min = 1, max = 245) // with the month it is the name of the object, at most 253
        @JsonPropertyDescription("Name of the node.")
        @ValidationRule(value = "self == oldSelf", message = "node can't be changed")
        String node,
    @Required
        @Size(min = 7, max = 7)
        @JsonPropertyDescription("Calendar month in UTC, such as 2026-11.")
        @ValidationRule(
            value = "self.matches('^[0-9]{4}-(0[1-9]|1[0-2])$')",
            message = "month must be a calendar month, such as 2026-11")
        @ValidationRule(value = "self == oldSelf", message = "month can't be changed")
        String month,
    @Default("0")
        @Min(0)
        @Max(9999)
        @JsonPropertyDescription(
            "Which part of the node's month, from 0: a node that sees many functions writes several"
                + " objects.")
        @ValidationRule(value = "self == oldSelf", message = "page can't be changed")
        int page) {}
