package dev.fareway.node.kubernetes;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;

/** Reads a namespace's own price class; namespaces without one are not kept. */
final class NamespaceObject {
  private NamespaceObject() {}

  static Reflector.Item<String> read(JsonParser at) throws IOException {
    var metadata = new Metadata();
    Json.object(
        at,
        (field, value) -> {
          if (field.equals("metadata")) {
            metadata.read(value);
          }
        });
    String priceClass = metadata.priceClass();
    return new Reflector.Item<>(
        metadata.name, metadata.version, priceClass.isEmpty() ? null : priceClass);
  }
}
