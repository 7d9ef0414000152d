package dev.fareway.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads single facts from what an API server says. */
final class Facts {
  private Facts() {}

  /** A text; empty where there is none. */
  static String text(JsonNode of, String... path) {
    JsonNode at = of;
    for (String step : path) {
      at = at.path(step);
    }
    return at.isTextual() ? at.textValue() : at.isNumber() || at.isBoolean() ? at.asText() : "";
  }

  /** A map of texts, such as labels, by key. */
  static Map<String, String> texts(JsonNode map) {
    var texts = new TreeMap<String, String>();
    map.properties().forEach(of -> texts.put(of.getKey(), of.getValue().asText("")));
    return texts;
  }

  /** A point in time; empty where there is none. */
  static Optional<Instant> time(JsonNode of, String... path) {
    String text = text(of, path);
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** The condition of a type in a status; a missing node if there is none. */
  static JsonNode condition(JsonNode object, String type) {
    for (JsonNode condition : object.path("status").path("conditions")) {
      if (type.equals(text(condition, "type"))) {
        return condition;
      }
    }
    return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
  }

  /** A Kubernetes quantity as a number; zero where there is none. */
  static BigDecimal quantity(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return BigDecimal.ZERO;
    }
    try {
      return new io.fabric8.kubernetes.api.model.Quantity(value.asText()).getNumericalAmount();
    } catch (IllegalArgumentException | ArithmeticException e) {
      return BigDecimal.ZERO;
    }
  }
}
