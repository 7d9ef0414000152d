package dev.fareway.crds.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The CEL types of a schema, so that a rule that names a field that isn't there fails when it is
 * compiled, as it does in the API server.
 */
final class SchemaTypes {

  /** Names of types are no CEL identifiers, lest a rule's {@code self.metadata} mean the type. */
  static final String ROOT = "/self";

  private final Map<String, CelType> structs = new HashMap<>();

  /** Tells the compiler of the types asked for so far. */
  CelTypeProvider provider() {
    return new Provider(ImmutableMap.copyOf(structs));
  }

  /** The type of an object as a whole: of its metadata, rules see the names alone. */
  CelType ofRoot(JsonNode schema) {
    CelType metadata =
        struct(
            ROOT + "/metadata",
            Map.of("name", SimpleType.STRING, "generateName", SimpleType.STRING));
    Map<String, CelType> fields = fields(schema, ROOT);
    fields.put("apiVersion", SimpleType.STRING);
    fields.put("kind", SimpleType.STRING);
    fields.put("metadata", metadata);
    return struct(ROOT, fields);
  }

  /** The type of a part of the schema. */
  CelType of(JsonNode schema, String name) {
    if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
      return SimpleType.DYN;
    }
    String type = schema.path("type").asText();
    return switch (type) {
      case "string" -> SimpleType.STRING;
      case "integer" -> SimpleType.INT;
      case "number" -> SimpleType.DOUBLE;
      case "boolean" -> SimpleType.BOOL;
      case "array" -> ListType.create(of(schema.path("items"), name + "/items"));
      case "object" ->
          schema.has("additionalProperties")
              ? MapType.create(
                  SimpleType.STRING, of(schema.path("additionalProperties"), name + "/values"))
              : struct(name, fields(schema, name));
      default -> throw new IllegalArgumentException("no CEL type for schema type \"" + type + "\"");
    };
  }

  private Map<String, CelType> fields(JsonNode schema, String name) {
    var fields = new LinkedHashMap<String, CelType>();
    schema
        .path("properties")
        .properties()
        .forEach(
            property ->
                fields.put(
                    property.getKey(), of(property.getValue(), name + "/" + property.getKey())));
    return fields;
  }

  private CelType struct(String name, Map<String, CelType> fields) {
    ImmutableMap<String, CelType> copy = ImmutableMap.copyOf(fields);
    CelType struct =
        StructType.create(
            name,
            ImmutableSet.copyOf(copy.keySet()),
            field -> Optional.ofNullable(copy.get(field)));
    structs.put(name, struct);
    return struct;
  }

  /** A JSON value as CEL sees it. */
  static Object celValue(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT, POJO -> {
        var fields = new LinkedHashMap<String, Object>();
        value.properties().forEach(field -> fields.put(field.getKey(), celValue(field.getValue())));
        yield fields;
      }
      case ARRAY -> {
        var items = ImmutableList.builder();
        value.forEach(item -> items.add(celValue(item)));
        yield items.build();
      }
      case STRING, BINARY -> value.asText();
      case BOOLEAN -> value.asBoolean();
      case NUMBER -> value.isIntegralNumber() ? (Object) value.asLong() : (Object) value.asDouble();
      case NULL, MISSING ->
          throw new IllegalArgumentException(
              "a structural schema lets no null through to its rules");
    };
  }

  private record Provider(ImmutableMap<String, CelType> structs) implements CelTypeProvider {

    @Override
    public ImmutableCollection<CelType> types() {
      return structs.values();
    }

    @Override
    public Optional<CelType> findType(String name) {
      return Optional.ofNullable(structs.get(name));
    }
  }
}
