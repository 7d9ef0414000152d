package dev.fareway.node.kubernetes;

import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

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
   * Writes the condition once.
   *
   * @throws io.fabric8.kubernetes.client.KubernetesClientException if the API server does not take
   *     it
   */
  public void write(boolean inForce, String reason, String message) {
    String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    NodeCondition condition =
        new NodeConditionBuilder()
            .withType(TYPE)
            .withStatus(inForce ? "True" : "False")
            .withReason(reason)
            .withMessage(message)
            .withLastHeartbeatTime(now)
            .withLastTransitionTime(now)
            .build();
    client
        .nodes()
        .withName(node)
        .editStatus(
            current -> {
              List<NodeCondition> conditions = new ArrayList<>(current.getStatus().getConditions());
              conditions.removeIf(before -> TYPE.equals(before.getType()));
              conditions.add(condition);
              current.getStatus().setConditions(conditions);
              return current;
            });
  }
}
