package dev.fareway.crds.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Fills in the defaults of a structural schema. */
final class Defaults {

  private Defaults() {}

  static JsonNode fillIn(JsonNode schema, JsonNode value) {
    JsonNode copy = value.deepCopy();
    fillInPlace(schema, copy);
    return copy;
  }

  private static void fillInPlace(JsonNode schema, JsonNode value) {
    if (value instanceof ObjectNode object) {
      schema
          .path("properties")
          .properties()
          .forEach(
              property -> {
                JsonNode byDefault = property.getValue().path("default");
                if (!byDefault.isMissingNode() && !object.hasNonNull(property.getKey())) {
                  object.set(property.getKey(), byDefault.deepCopy());
                }
                fillInPlace(property.getValue(), object.path(property.getKey()));
              });
    }
    if (value.isArray()) {
      value.forEach(item -> fillInPlace(schema.path("items"), item));
    }
  }
}
