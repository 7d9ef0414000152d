package dev.fareway.e2e.docs;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The reference of the custom resources, from their generated manifests. */
final class ResourceReference {
  /** In the order in which a reader needs them. */
  private static final List<String> RESOURCES =
      List.of("priceclasses", "budgets", "nodeusages", "usagereports");

  private final StringBuilder out = new StringBuilder();

  private ResourceReference() {}

  static String generate() {
    var reference = new ResourceReference();
    reference.out.append(
        """
        # Resources

        Generated from `crds/manifests/`; do not edit. To write it anew:
        `mvn -Dquick -pl e2e -am test -Dtest=DocumentsTest -Dsurefire.failIfNoSpecifiedTests=false -Dfareway.docs=write`

        Group and version of all: `fareway.dev/v1alpha1`. `kubectl get fareway` lists them all.
        """);
    RESOURCES.forEach(reference::resource);
    return reference.out.toString();
  }

  private void resource(String plural) {
    JsonNode crd =
        Serialization.unmarshal(
            Checkout.read("crds/manifests/%s.fareway.dev.yaml".formatted(plural)), JsonNode.class);
    JsonNode names = crd.at("/spec/names");
    JsonNode schema = crd.at("/spec/versions/0/schema/openAPIV3Schema");
    var shortNames = new StringBuilder();
    names.path("shortNames").forEach(name -> shortNames.append(", `" + name.asText() + "`"));
    out.append(
        """

        ## %s

        %s

        %s; `kubectl get %s.fareway.dev`%s.
        """
            .formatted(
                names.path("kind").asText(),
                text(schema.path("description")),
                crd.at("/spec/scope").asText().equals("Cluster")
                    ? "Cluster-scoped"
                    : "In a namespace",
                plural,
                shortNames.isEmpty() ? "" : ", short " + shortNames.substring(2)));
    for (Map.Entry<String, JsonNode> part : schema.path("properties").properties()) {
      if (Set.of("apiVersion", "kind", "metadata").contains(part.getKey())) {
        continue;
      }
      out.append("\n| %s | type | |\n|---|---|---|\n".formatted(part.getKey()));
      fields(part.getKey() + ".", part.getValue());
    }
    rules(schema);
  }

  private void fields(String prefix, JsonNode of) {
    Set<String> required = new HashSet<>();
    of.path("required").forEach(name -> required.add(name.asText()));
    for (Map.Entry<String, JsonNode> field : of.path("properties").properties()) {
      JsonNode schema = field.getValue();
      String path = prefix + field.getKey();
      out.append(
          "| `%s`%s | %s | %s%s |\n"
              .formatted(
                  path,
                  required.contains(field.getKey()) ? " (required)" : "",
                  type(schema),
                  text(schema.path("description")),
                  standard(schema)));
      rulesOf(schema).forEach(rule -> out.append("| | | %s |\n".formatted(rule)));
      // Kubernetes' own selector is described by Kubernetes.
      if (!field.getKey().equals("selector")) {
        fields(path + ".", schema);
        fields(path + "[].", schema.path("items"));
      }
    }
  }

  private void rules(JsonNode schema) {
    List<String> rules = rulesOf(schema);
    if (!rules.isEmpty()) {
      out.append("\nRefused otherwise:\n\n");
      rules.forEach(rule -> out.append("- ").append(rule).append('\n'));
    }
  }

  private static List<String> rulesOf(JsonNode schema) {
    return schema
        .path("x-kubernetes-validations")
        .valueStream()
        .map(rule -> text(rule.path("message")))
        .toList();
  }

  private static String type(JsonNode schema) {
    if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
      return "quantity";
    }
    if (schema.has("enum")) {
      return String.join(
          ", ",
          schema.path("enum").valueStream().map(value -> "`" + value.asText() + "`").toList());
    }
    String type = schema.path("type").asText();
    String format = schema.path("format").asText();
    String range = range(schema);
    return switch (type) {
      case "array" -> "list of " + type(schema.path("items"));
      case "string" -> format.isEmpty() ? "text" : format;
      case "integer" -> "whole number" + range;
      case "number" -> "number" + range;
      default -> type;
    };
  }

  private static String range(JsonNode schema) {
    return schema.has("minimum") && schema.has("maximum")
        ? " %s to %s".formatted(bound(schema, "minimum"), bound(schema, "maximum"))
        : schema.has("minimum") ? ", %s or more".formatted(bound(schema, "minimum")) : "";
  }

  private static String bound(JsonNode schema, String name) {
    return String.format(Locale.ROOT, "%,d", (long) schema.path(name).asDouble());
  }

  private static String standard(JsonNode schema) {
    JsonNode value = schema.path("default");
    return value.isMissingNode() || value.isContainerNode()
        ? ""
        : " Default: `%s`.".formatted(value.asText());
  }

  private static String text(JsonNode of) {
    return of.asText().replaceAll("\\s+", " ").replace("|", "\\|").strip();
  }
}
