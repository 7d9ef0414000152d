package dev.fareway.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.zjsonpatch.JsonPatch;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the kinds of patch change an object.
 *
 * <p>Strategic merge knows the lists that Kubernetes merges by a key in what Fareway writes. Server
 * side apply is treated like it: nobody's ownership of fields is kept, so a field that an applier
 * leaves out stays.
 */
final class Patches {

  private static final Map<String, String> MERGE_KEYS =
      Map.of(
          "conditions", "type",
          "addresses", "type",
          "containers", "name",
          "initContainers", "name",
          "env", "name",
          "volumes", "name",
          "podIPs", "ip",
          "ownerReferences", "uid",
          "readinessGates", "conditionType");
  private static final Set<String> MERGED_SETS = Set.of("finalizers");
  private static final String DIRECTIVE = "$patch";

  private Patches() {}

  /** RFC 6902. */
  static JsonNode json(JsonNode object, JsonNode patch) {
    return JsonPatch.apply(patch, object);
  }

  /** RFC 7386. */
  static JsonNode merge(JsonNode object, JsonNode patch) {
    return merge(object, patch, false);
  }

  /** Strategic merge of Kubernetes' own types, without directives on the order of lists. */
  static JsonNode strategic(JsonNode object, JsonNode patch) {
    return merge(object, patch, true);
  }

  private static JsonNode merge(@Nullable JsonNode target, JsonNode patch, boolean strategic) {
    if (!(patch instanceof ObjectNode changes)) {
      return patch.deepCopy();
    }
    ObjectNode result =
        target instanceof ObjectNode object
            ? object.deepCopy()
            : JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> change : changes.properties()) {
      String field = change.getKey();
      JsonNode value = change.getValue();
      if (strategic && field.startsWith("$")) {
        continue;
      }
      if (value.isNull()) {
        result.remove(field);
      } else if (strategic && value instanceof ArrayNode list && result.has(field)) {
        result.set(field, mergeList(field, result.get(field), list));
      } else {
        result.set(field, merge(result.get(field), value, strategic));
      }
    }
    return result;
  }

  private static JsonNode mergeList(String field, JsonNode target, ArrayNode patch) {
    ArrayNode result = JsonNodeFactory.instance.arrayNode();
    target.forEach(result::add);
    String key = MERGE_KEYS.get(field);
    if (key != null) {
      patch.forEach(element -> mergeElement(result, key, element));
      return result;
    }
    if (MERGED_SETS.contains(field)) {
      patch.forEach(
          element -> {
            if (indexOf(result, element) < 0) {
              result.add(element);
            }
          });
      return result;
    }
    return patch.deepCopy();
  }

  private static void mergeElement(ArrayNode list, String key, JsonNode element) {
    int index = -1;
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i).path(key).equals(element.path(key))) {
        index = i;
      }
    }
    boolean delete = element.path(DIRECTIVE).asText().equals("delete");
    if (index < 0 && !delete) {
      list.add(merge(null, element, true));
    } else if (index >= 0 && delete) {
      list.remove(index);
    } else if (index >= 0) {
      list.set(index, merge(list.get(index), element, true));
    }
  }

  private static int indexOf(ArrayNode list, JsonNode element) {
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i).equals(element)) {
        return i;
      }
    }
    return -1;
  }
}
