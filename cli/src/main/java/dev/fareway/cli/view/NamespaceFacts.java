package dev.fareway.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** What a namespace says of its functions. */
public record NamespaceFacts(Map<String, String> annotations, Map<String, String> labels) {
  /** One that says nothing, or that may not be read. */
  public static final NamespaceFacts SILENT = new NamespaceFacts(Map.of(), Map.of());

  /** Reads a Namespace. */
  public static NamespaceFacts read(JsonNode namespace) {
    return new NamespaceFacts(
        Facts.texts(namespace.path("metadata").path("annotations")),
        Facts.texts(namespace.path("metadata").path("labels")));
  }
}
