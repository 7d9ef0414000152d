package dev.fareway.operator.admission;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fareway.crds.Fareway;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.LinkedHashMap;
import java.util.Map;

/** Annotations and labels of an object that may not have any. */
final class Metadata {
  /** The key of a class as a step of a JSON pointer. */
  static final String PRICE_CLASS_TOKEN = Fareway.PRICE_CLASS.replace("~", "~0").replace("/", "~1");

  /** The key of what budgets have in force as a step of a JSON pointer. */
  static final String BUDGET_TOKEN = Fareway.BUDGET.replace("~", "~0").replace("/", "~1");

  private Metadata() {}

  static ObjectMeta of(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    return new ObjectMetaBuilder()
        .withAnnotations(texts(metadata.path("annotations")))
        .withLabels(texts(metadata.path("labels")))
        .build();
  }

  static boolean namesClass(ObjectMeta meta) {
    return named(meta.getAnnotations()) || named(meta.getLabels());
  }

  private static boolean named(Map<String, String> map) {
    return !map.getOrDefault(Fareway.PRICE_CLASS, "").isEmpty();
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new LinkedHashMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }
}
