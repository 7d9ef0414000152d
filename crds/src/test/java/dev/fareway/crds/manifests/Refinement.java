package dev.fareway.crds.manifests;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import java.lang.reflect.ParameterizedType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the generator has no annotation for: columns in the order we wrote them, lists keyed by a
 * field, a required spec, and descriptions of types that are not ours.
 */
final class Refinement implements CRDPostProcessor {

  /** Keys of our lists, by name of the field that holds the list. */
  private static final Map<String, List<String>> LIST_KEYS =
      Map.of(
          "conditions", List.of("type"),
          "byFunction", List.of("function"),
          "byPriceClass", List.of("priceClass"),
          "usage", List.of("namespace", "function", "priceClass"),
          "spending", List.of("function", "priceClass"));

  private static final Map<String, String> CONDITION_FIELDS =
      Map.of(
          "type", "What the condition is about, such as Ready.",
          "status", "True, False or Unknown.",
          "reason", "Why, in one CamelCase word.",
          "message", "Why, in a sentence that names what is concerned and what to do about it.",
          "lastTransitionTime", "When the status last changed.",
          "observedGeneration", "The metadata.generation that the condition was computed from.");

  private static final Map<String, String> SELECTOR_FIELDS =
      Map.of(
          "matchLabels", "Labels that a function must have, with these values.",
          "matchExpressions", "Further requirements; a function must meet all of them.",
          "key", "The label that the requirement is about.",
          "operator",
              "In, NotIn: the label's value is, or is not, one of values. Exists, DoesNotExist: the"
                  + " label is there, or not, whatever its value.",
          "values", "Values for In and NotIn; empty for Exists and DoesNotExist.");

  private final Map<String, Class<? extends CustomResource<?, ?>>> types;

  Refinement(List<Class<? extends CustomResource<?, ?>>> types) {
    this.types = types.stream().collect(Collectors.toMap(HasMetadata::getKind, type -> type));
  }

  @Override
  public HasMetadata process(HasMetadata resource, String crdSpecVersion) {
    var definition = (CustomResourceDefinition) resource;
    var type = types.get(definition.getSpec().getNames().getKind());
    if (type == null) {
      throw new IllegalStateException(
          "unexpected definition " + definition.getMetadata().getName());
    }
    for (CustomResourceDefinitionVersion version : definition.getSpec().getVersions()) {
      version.getAdditionalPrinterColumns().sort(orderOf(type));
      refineRoot(version.getSchema().getOpenAPIV3Schema(), type);
    }
    return definition;
  }

  private static Comparator<CustomResourceColumnDefinition> orderOf(Class<?> type) {
    List<String> names =
        Arrays.stream(type.getAnnotationsByType(AdditionalPrinterColumn.class))
            .map(AdditionalPrinterColumn::name)
            .toList();
    return Comparator.comparingInt(column -> names.indexOf(column.getName()));
  }

  private static void refineRoot(JSONSchemaProps root, Class<?> type) {
    var arguments = ((ParameterizedType) type.getGenericSuperclass()).getActualTypeArguments();
    root.setDescription(descriptionOf(type));
    property(root, "spec").setDescription(descriptionOf((Class<?>) arguments[0]));
    property(root, "status").setDescription(descriptionOf((Class<?>) arguments[1]));
    root.setRequired(List.of("spec"));
    refine(root);
  }

  private static String descriptionOf(Class<?> type) {
    return type.getAnnotation(JsonClassDescription.class).value();
  }

  private static void refine(JSONSchemaProps schema) {
    withoutRepetition(schema);
    for (Entry<String, JSONSchemaProps> property : properties(schema).entrySet()) {
      keyList(property.getKey(), property.getValue());
      switch (property.getKey()) {
        case "conditions" -> refineCondition(itemsOf(property.getValue()));
        case "selector" -> refineSelector(property.getValue());
        default -> {}
      }
      refine(property.getValue());
    }
    if (schema.getItems() != null) {
      refine(itemsOf(schema));
    }
  }

  /** The generator reads a record's annotations twice, from the field and from the accessor. */
  private static void withoutRepetition(JSONSchemaProps schema) {
    List<ValidationRule> rules = schema.getXKubernetesValidations();
    if (rules != null) {
      schema.setXKubernetesValidations(List.copyOf(new LinkedHashSet<>(rules)));
    }
  }

  private static void keyList(String name, JSONSchemaProps schema) {
    List<String> keys = LIST_KEYS.get(name);
    if (keys == null) {
      return;
    }
    schema.setXKubernetesListType("map");
    schema.setXKubernetesListMapKeys(keys);
    JSONSchemaProps items = itemsOf(schema);
    // The API server insists that the keys of a list be required.
    items.setRequired(
        Stream.concat(keys.stream(), items.getRequired().stream()).distinct().sorted().toList());
  }

  private static void refineCondition(JSONSchemaProps condition) {
    CONDITION_FIELDS.forEach((name, text) -> property(condition, name).setDescription(text));
    property(condition, "status").setEnum(texts("True", "False", "Unknown"));
    property(condition, "lastTransitionTime").setFormat("date-time");
    condition.setRequired(List.of("status", "type"));
  }

  private static void refineSelector(JSONSchemaProps selector) {
    selector.setXKubernetesMapType("atomic");
    JSONSchemaProps requirement = itemsOf(property(selector, "matchExpressions"));
    for (String name : List.of("matchLabels", "matchExpressions")) {
      property(selector, name).setDescription(SELECTOR_FIELDS.get(name));
    }
    for (String name : List.of("key", "operator", "values")) {
      property(requirement, name).setDescription(SELECTOR_FIELDS.get(name));
    }
    property(requirement, "operator").setEnum(texts("In", "NotIn", "Exists", "DoesNotExist"));
    requirement.setRequired(List.of("key", "operator"));
  }

  private static List<JsonNode> texts(String... texts) {
    return Arrays.stream(texts).<JsonNode>map(TextNode::valueOf).toList();
  }

  static Map<String, JSONSchemaProps> properties(JSONSchemaProps schema) {
    return schema.getProperties() == null ? Map.of() : schema.getProperties();
  }

  static JSONSchemaProps itemsOf(JSONSchemaProps list) {
    return list.getItems().getSchema();
  }

  private static JSONSchemaProps property(JSONSchemaProps schema, String name) {
    JSONSchemaProps property = properties(schema).get(name);
    if (property == null) {
      throw new IllegalStateException("the generated schema has no property " + name);
    }
    return property;
  }
}
