package dev.fareway.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.annotations.SerializedName;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The types of Kubernetes 1.30's API, as the Kubernetes project's own client for Java has them
 * generated from that release's OpenAPI document ({@code io.kubernetes:client-java-api:21.0.2}): a
 * field that 1.30 does not know is found, and one that it wants and that is missing.
 */
final class Kubernetes130 {
  private static final String MODELS = "io.kubernetes.client.openapi.models.";
  private static final Set<String> PRIMITIVES =
      Set.of(
          "java.lang.String",
          "java.lang.Integer",
          "java.lang.Long",
          "java.lang.Boolean",
          "java.lang.Double");

  private Kubernetes130() {}

  /** What is wrong with an object of a kind of Kubernetes' own; empty if nothing is. */
  static List<String> problems(JsonNode object) throws ReflectiveOperationException {
    JsonObject json = JsonParser.parseString(object.toString()).getAsJsonObject();
    String kind = json.get("kind").getAsString();
    String apiVersion = json.get("apiVersion").getAsString();
    String version = apiVersion.substring(apiVersion.indexOf('/') + 1);
    String name = version.substring(0, 1).toUpperCase(Locale.ROOT) + version.substring(1) + kind;
    Class<?> type;
    try {
      type = Class.forName(MODELS + name);
    } catch (ClassNotFoundException e) {
      return List.of("%s %s is no kind of Kubernetes 1.30".formatted(apiVersion, kind));
    }
    List<String> problems = new ArrayList<>();
    check(kind, json, type, problems);
    return problems;
  }

  private static void check(String path, JsonElement value, Type type, List<String> problems)
      throws ReflectiveOperationException {
    if (value.isJsonNull()) {
      return;
    }
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (List.class.isAssignableFrom((Class<?>) generic.getRawType())) {
        if (!value.isJsonArray()) {
          problems.add(path + " is no list");
          return;
        }
        for (int i = 0; i < value.getAsJsonArray().size(); i++) {
          check("%s[%d]".formatted(path, i), value.getAsJsonArray().get(i), arguments[0], problems);
        }
      } else if (Map.class.isAssignableFrom((Class<?>) generic.getRawType())) {
        for (var entry : value.getAsJsonObject().entrySet()) {
          check(path + "." + entry.getKey(), entry.getValue(), arguments[1], problems);
        }
      }
      return;
    }
    Class<?> of = (Class<?>) type;
    if (of.getName().startsWith(MODELS)) {
      model(path, value, of, problems);
    } else if (PRIMITIVES.contains(of.getName()) && !fits(value, of)) {
      problems.add("%s is %s and no %s".formatted(path, value, of.getSimpleName()));
    }
  }

  private static void model(String path, JsonElement value, Class<?> type, List<String> problems)
      throws ReflectiveOperationException {
    if (!value.isJsonObject()) {
      problems.add("%s is %s and no %s".formatted(path, value, type.getSimpleName()));
      return;
    }
    Map<String, Field> known =
        Arrays.stream(type.getDeclaredFields())
            .filter(field -> field.isAnnotationPresent(SerializedName.class))
            .collect(
                Collectors.toMap(
                    field -> field.getAnnotation(SerializedName.class).value(),
                    field -> field,
                    (a, b) -> a,
                    TreeMap::new));
    for (var entry : value.getAsJsonObject().entrySet()) {
      Field field = known.get(entry.getKey());
      if (field == null) {
        problems.add("%s.%s is not known to Kubernetes 1.30".formatted(path, entry.getKey()));
      } else {
        check(path + "." + entry.getKey(), entry.getValue(), field.getGenericType(), problems);
      }
    }
    for (String required : required(type)) {
      if (!value.getAsJsonObject().has(required)) {
        problems.add("%s.%s is missing".formatted(path, required));
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static Set<String> required(Class<?> type) throws ReflectiveOperationException {
    @Nullable Object names = type.getField("openapiRequiredFields").get(null);
    return names == null ? Set.of() : (Set<String>) names;
  }

  private static boolean fits(JsonElement value, Class<?> type) {
    if (!value.isJsonPrimitive()) {
      return false;
    }
    var primitive = value.getAsJsonPrimitive();
    return type == String.class
        ? primitive.isString()
        : type == Boolean.class ? primitive.isBoolean() : primitive.isNumber();
  }
}
