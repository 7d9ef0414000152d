package dev.fareway.crds.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.NodePath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Checks an object against the JSON schema of a definition, apart from its rules. */
final class StructureCheck {

  private final JsonNode schema;
  private final Schema validator;

  StructureCheck(JsonNode schema) {
    this.schema = schema;
    var config = SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build();
    this.validator =
        SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12,
                registry -> registry.schemaRegistryConfig(config))
            .getSchema(closedRoot(schema).toString(), InputFormat.JSON);
  }

  List<Violation> violations(JsonNode object) {
    var violations = new ArrayList<Violation>();
    for (Error error : validator.validate(object.toString(), InputFormat.JSON)) {
      violations.add(asApiServer(error));
    }
    collectDuplicates("", schema, object, violations);
    return violations;
  }

  /** Every object may have these, whether the definition's schema says so or not. */
  private static ObjectNode closedRoot(JsonNode schema) {
    ObjectNode root = closed(schema);
    ObjectNode properties = root.withObjectProperty("properties");
    properties.putObject("apiVersion").put("type", "string");
    properties.putObject("kind").put("type", "string");
    properties.putObject("metadata").put("type", "object");
    return root;
  }

  /**
   * The schema without fields that it does not name, and with integer-or-string as a plain type.
   */
  private static ObjectNode closed(JsonNode schema) {
    ObjectNode copy = schema.deepCopy();
    if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
      copy.remove("anyOf");
      copy.putArray("type").add("integer").add("string");
    }
    if (schema.has("properties")) {
      schema
          .path("properties")
          .properties()
          .forEach(
              property ->
                  copy.withObjectProperty("properties")
                      .set(property.getKey(), closed(property.getValue())));
      copy.put("additionalProperties", false);
    }
    if (schema.has("items")) {
      copy.set("items", closed(schema.path("items")));
    }
    return copy;
  }

  private static Violation asApiServer(Error error) {
    String path = pathOf(error.getInstanceLocation());
    JsonNode allowed = toJackson2(error.getSchemaNode());
    JsonNode value = toJackson2(error.getInstanceNode());
    return switch (error.getKeyword()) {
      case "required" -> new Violation(join(path, error.getProperty()), "Required value");
      case "additionalProperties" -> {
        String unknown = join(path, error.getProperty());
        yield new Violation(unknown, "unknown field \"" + unknown + "\"");
      }
      case "enum" ->
          new Violation(
              path, "Unsupported value: " + value + ": supported values: " + list(allowed));
      case "type" -> {
        String actual = "\"" + typeOf(value) + "\"";
        String types = allowed.isArray() ? plain(allowed, ",") : allowed.asText();
        yield new Violation(
            path,
            "Invalid value: %s: %s in body must be of type %s: %s"
                .formatted(actual, path, types, actual));
      }
      case "maxLength" ->
          new Violation(path, "Too long: may not be more than " + allowed + " bytes");
      case "minimum" ->
          new Violation(
              path,
              "Invalid value: %s: %s in body should be greater than or equal to %d"
                  .formatted(value, path, allowed.asLong()));
      case "maximum" ->
          new Violation(
              path,
              "Invalid value: %s: %s in body should be less than or equal to %d"
                  .formatted(value, path, allowed.asLong()));
      default -> new Violation(path, "Invalid value: " + value + ": " + error.getMessage());
    };
  }

  private static String pathOf(NodePath location) {
    String path = "";
    for (int i = 0; i < location.getNameCount(); i++) {
      path =
          location.getElement(i) instanceof Integer index
              ? path + "[" + index + "]"
              : join(path, location.getName(i));
    }
    return path;
  }

  static String join(String path, String field) {
    return path.isEmpty() ? field : path + "." + field;
  }

  private static JsonNode toJackson2(Object newer) {
    return io.fabric8.kubernetes.client.utils.Serialization.unmarshal(
        newer.toString(), JsonNode.class);
  }

  private static String list(JsonNode values) {
    return plain(values, "\", \"").isEmpty() ? "" : "\"" + plain(values, "\", \"") + "\"";
  }

  private static String plain(JsonNode values, String separator) {
    return StreamSupport.stream(values.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.joining(separator));
  }

  private static String typeOf(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT, POJO -> "object";
      case ARRAY -> "array";
      case STRING, BINARY -> "string";
      case BOOLEAN -> "boolean";
      case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
      case NULL, MISSING -> "null";
    };
  }

  /** The items of a list that is keyed by fields must differ in them. */
  private static void collectDuplicates(
      String path, JsonNode schema, JsonNode value, List<Violation> violations) {
    schema
        .path("properties")
        .properties()
        .forEach(
            property ->
                collectDuplicates(
                    join(path, property.getKey()),
                    property.getValue(),
                    value.path(property.getKey()),
                    violations));
    Set<JsonNode> keys = new HashSet<>();
    for (int i = 0; i < value.size() && value.isArray(); i++) {
      String itemPath = path + "[" + i + "]";
      JsonNode key = keyOf(schema, value.get(i));
      if (!key.isEmpty() && !keys.add(key)) {
        violations.add(new Violation(itemPath, "Duplicate value: " + key));
      }
      collectDuplicates(itemPath, schema.path("items"), value.get(i), violations);
    }
  }

  /** The fields of a list's item that tell it from the others; empty if the list has no keys. */
  static JsonNode keyOf(JsonNode listSchema, JsonNode item) {
    ObjectNode key = JsonNodeFactory.instance.objectNode();
    for (JsonNode name : listSchema.path("x-kubernetes-list-map-keys")) {
      key.set(name.asText(), item.path(name.asText()));
    }
    return key;
  }
}
