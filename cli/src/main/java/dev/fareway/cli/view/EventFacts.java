package dev.fareway.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Optional;

/**
 * What is shown of an Event.
 *
 * @param time when it happened last
 * @param from who says so
 */
public record EventFacts(
    Optional<Instant> time, String type, String reason, String from, String message, int count) {

  /** Reads a core/v1 Event, which is how the API server shows those of events.k8s.io, too. */
  public static EventFacts read(JsonNode event) {
    Optional<Instant> time =
        Facts.time(event, "series", "lastObservedTime")
            .or(() -> Facts.time(event, "lastTimestamp"))
            .or(() -> Facts.time(event, "eventTime"))
            .or(() -> Facts.time(event, "firstTimestamp"));
    String from = Facts.text(event, "reportingComponent");
    return new EventFacts(
        time,
        Facts.text(event, "type"),
        Facts.text(event, "reason"),
        from.isEmpty() ? Facts.text(event, "source", "component") : from,
        Facts.text(event, "message"),
        Math.max(
            1, Math.max(event.path("count").asInt(), event.path("series").path("count").asInt())));
  }
}
