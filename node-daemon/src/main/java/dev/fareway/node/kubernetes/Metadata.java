package dev.fareway.node.kubernetes;

import com.fasterxml.jackson.core.JsonParser;
import dev.fareway.crds.Fareway;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What is needed of an object's {@code metadata}, as it is read. */
final class Metadata {
  String namespace = "";
  String name = "";
  String uid = "";
  String version = "";
  String created = "";
  @Nullable String classAnnotation;
  @Nullable String classLabel;
  String budget = "";
  String knativeService = "";
  String templateHash = "";
  String controller = "";

  void read(JsonParser at) throws IOException {
    Json.object(
        at,
        (field, value) -> {
          switch (field) {
            case "namespace" -> namespace = Json.textOrEmpty(value);
            case "name" -> name = Json.textOrEmpty(value);
            case "uid" -> uid = Json.textOrEmpty(value);
            case "resourceVersion" -> version = Json.textOrEmpty(value);
            case "creationTimestamp" -> created = Json.textOrEmpty(value);
            case "annotations" ->
                Json.object(
                    value,
                    (key, annotation) -> {
                      switch (key) {
                        case Fareway.PRICE_CLASS -> classAnnotation = Json.text(annotation);
                        case Fareway.BUDGET -> budget = Json.textOrEmpty(annotation);
                        default -> {}
                      }
                    });
            case "labels" -> Json.object(value, this::label);
            case "ownerReferences" -> Json.array(value, this::owner);
            default -> {}
          }
        });
  }

  private void label(String key, JsonParser value) throws IOException {
    switch (key) {
      case Fareway.PRICE_CLASS -> classLabel = Json.text(value);
      case "serving.knative.dev/service" -> knativeService = Json.textOrEmpty(value);
      case "pod-template-hash" -> templateHash = Json.textOrEmpty(value);
      default -> {}
    }
  }

  private void owner(JsonParser at) throws IOException {
    var owner =
        new Object() {
          String name = "";
          boolean controller;
        };
    Json.object(
        at,
        (field, value) -> {
          switch (field) {
            case "name" -> owner.name = Json.textOrEmpty(value);
            case "controller" -> owner.controller = value.getValueAsBoolean();
            default -> {}
          }
        });
    if (owner.controller) {
      controller = owner.name;
    }
  }

  /** The class that the object names; empty if none. */
  String priceClass() {
    if (classAnnotation != null && !classAnnotation.isEmpty()) {
      return classAnnotation;
    }
    return classLabel == null ? "" : classLabel;
  }

  /**
   * The function that a pod is an instance of. A Deployment's name comes from that of its replica
   * set, which ends with the hash of the template.
   */
  String function() {
    if (!knativeService.isEmpty()) {
      return knativeService;
    }
    String hash = "-" + templateHash;
    if (!templateHash.isEmpty()
        && controller.endsWith(hash)
        && controller.length() > hash.length()) {
      return controller.substring(0, controller.length() - hash.length());
    }
    return controller.isEmpty() ? name : controller;
  }
}
