package dev.fareway.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/** What an API server does to pods beyond storing them. */
final class PodRules {

  private PodRules() {}

  /** The status of a pod that was just made. */
  static ObjectNode initialStatus() {
    return JsonNodeFactory.instance.objectNode().put("phase", "Pending");
  }

  /** Why the pod can't be bound; empty if it can. */
  static Optional<String> obstacleToBinding(JsonNode pod) {
    String name = pod.path("metadata").path("name").asText();
    String node = pod.path("spec").path("nodeName").asText();
    if (pod.path("metadata").hasNonNull("deletionTimestamp")) {
      return Optional.of("pod " + name + " is being deleted, cannot be assigned to a host");
    }
    if (!node.isEmpty()) {
      return Optional.of("pod " + name + " is already assigned to node \"" + node + "\"");
    }
    return Optional.empty();
  }

  /** The pod on its node, and scheduled. */
  static ObjectNode bound(ObjectNode pod, String node, Instant now) {
    ObjectNode result = pod.deepCopy();
    result.withObject("/spec").put("nodeName", node);
    ObjectNode status = result.withObject("/status");
    ArrayNode conditions = JsonNodeFactory.instance.arrayNode();
    for (JsonNode condition : status.path("conditions")) {
      if (!condition.path("type").asText().equals("PodScheduled")) {
        conditions.add(condition);
      }
    }
    conditions
        .addObject()
        .put("type", "PodScheduled")
        .put("status", "True")
        .put("lastTransitionTime", now.toString());
    status.set("conditions", conditions);
    return result;
  }

  /** Whether a pod that is deleted stays until its node says that it has ended. */
  static boolean isDeletedGracefully(JsonNode pod) {
    String phase = pod.path("status").path("phase").asText();
    return !pod.path("spec").path("nodeName").asText().isEmpty()
        && !phase.equals("Succeeded")
        && !phase.equals("Failed");
  }

  /** The pod with a time at which its grace ends; an earlier one stays. */
  static ObjectNode deleting(ObjectNode pod, long graceSeconds, Instant now) {
    ObjectNode result = pod.deepCopy();
    ObjectNode metadata = result.withObject("/metadata");
    Instant end = now.plusSeconds(graceSeconds);
    JsonNode earlier = metadata.path("deletionTimestamp");
    if (earlier.isTextual() && Instant.parse(earlier.asText()).isBefore(end)) {
      return result;
    }
    metadata.put("deletionTimestamp", end.toString());
    metadata.put("deletionGracePeriodSeconds", graceSeconds);
    return result;
  }
}
