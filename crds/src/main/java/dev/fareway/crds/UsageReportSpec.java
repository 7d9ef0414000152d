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
 * Which namespace and month a {@link UsageReport} is of.
 *
 * @param month calendar month in UTC, as {@code 2026-11}
 * @param namespace namespace of the functions
 * @param page which part, from 0
 */
@JsonClassDescription("Which namespace and month the report is of.")
public record UsageReportSpec(
    @Required
        @Size(min = 7, max = 7)
        @JsonPropertyDescription("Calendar month in UTC, such as 2026-11.")
        @ValidationRule(
            value = "self.matches('^[0-9]{4}-(0[1-9]|1[0-2])$')",
            message = "month must be a calendar month, such as 2026-11")
        @ValidationRule(value = "self == oldSelf", message = "month can't be changed")
        String month,
    @Required
        @Size(min = 1, max = 63)
        @JsonPropertyDescription("Namespace of the functions.")
        @ValidationRule(value = "self == oldSelf", message = "namespace can't be changed")
        String namespace,
    @Default("0")
        @Min(0)
        @Max(9999)
        @JsonPropertyDescription(
            "Which part of the report, from 0: one of many functions is several objects.")
        @ValidationRule(value = "self == oldSelf", message = "page can't be changed")
        int page) {}
