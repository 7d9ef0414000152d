package dev.fareway.node.kubernetes;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** Says on the Node what is in force: the condition {@code FarewayEnforcement}. */
public final class NodeConditionWriter {
  /** Type of the condition. */
  public static final String TYPE = "FarewayEnforcement";

  private final KubernetesClient client;
  private final String node;
  private final Clock clock;

  public NodeConditionWriter(KubernetesClient client, String node, Clock clock) {
    this.client = client;
    this.node = node;
    this.clock = clock;
  }

  /**
   * Writes the condition once, and touches no other: the kubelet writes its own into the same list.
   *
   * @throws io.fabric8.kubernetes.client.KubernetesClientException if the API server does not take
   *     it, or there is no such node
   */
  public void write(boolean inForce, String reason, String message) {
    var nodes = client.nodes().withName(node);
    Node current = nodes.get();
    if (current == null) {
      throw new KubernetesClientException("there is no node '%s'".formatted(node));
    }
    List<NodeCondition> conditions =
        current.getStatus() == null ? List.of() : current.getStatus().getConditions();
    int index = 0;
    while (index < conditions.size() && !TYPE.equals(conditions.get(index).getType())) {
      index++;
    }
    NodeCondition before = index < conditions.size() ? conditions.get(index) : null;
    String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    String status = inForce ? "True" : "False";
    NodeCondition condition =
        new NodeConditionBuilder()
            .withType(TYPE)
            .withStatus(status)
            .withReason(reason)
            .withMessage(message)
            .withLastHeartbeatTime(now)
            .withLastTransitionTime(
                before != null && status.equals(before.getStatus())
                    ? before.getLastTransitionTime()
                    : now)
            .build();
    nodes
        .subresource("status")
        .patch(PatchContext.of(PatchType.JSON), patch(current, index, condition));
  }

  /** Guarded by the type at its place: the list may have changed since it was read. */
  private String patch(Node current, int index, NodeCondition condition) {
    List<Map<String, Object>> steps;
    if (current.getStatus() == null) {
      steps = List.of(step("add", "/status", Map.of("conditions", List.of(condition))));
    } else if (current.getStatus().getConditions().isEmpty()) {
      steps = List.of(step("add", "/status/conditions", List.of(condition)));
    } else if (index == current.getStatus().getConditions().size()) {
      steps = List.of(step("add", "/status/conditions/-", condition));
    } else {
      String place = "/status/conditions/" + index;
      steps = List.of(step("test", place + "/type", TYPE), step("replace", place, condition));
    }
    return client.getKubernetesSerialization().asJson(steps);
  }

  private static Map<String, Object> step(String operation, String path, Object value) {
    return Map.of("op", operation, "path", path, "value", value);
  }
}
