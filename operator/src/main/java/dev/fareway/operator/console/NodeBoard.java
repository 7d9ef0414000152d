package dev.fareway.operator.console;

import dev.fareway.operator.shard.NodeObserver;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import jakarta.inject.Singleton;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** The few facts of each node that are shown, kept as the watch tells them. Thread-safe. */
@Singleton
public class NodeBoard implements NodeObserver {
  private static final String ENFORCEMENT = "FarewayEnforcement";
  private static final int MOST_TEXT = 400;

  private final Map<String, NodeFacts> nodes = new ConcurrentHashMap<>();

  /** Of a few texts there are many copies: each is kept once. */
  private final Map<String, String> texts = new ConcurrentHashMap<>();

  private static final int MOST_TEXTS = 1_000;

  NodeBoard() {}

  @Override
  public void nodeChanged(Node node) {
    String name = node.getMetadata().getName();
    boolean ready = false;
    NodeCondition enforcement = null;
    List<NodeCondition> conditions =
        node.getStatus() == null ? List.of() : node.getStatus().getConditions();
    for (NodeCondition condition : conditions) {
      if ("Ready".equals(condition.getType())) {
        ready = "True".equals(condition.getStatus());
      } else if (ENFORCEMENT.equals(condition.getType())) {
        enforcement = condition;
      }
    }
    nodes.put(
        name,
        new NodeFacts(
            name,
            ready,
            node.getSpec() == null || !Boolean.TRUE.equals(node.getSpec().getUnschedulable()),
            memory(node),
            enforcement == null ? "" : once(enforcement.getReason()),
            enforcement != null && "True".equals(enforcement.getStatus()),
            enforcement == null ? "" : once(enforcement.getMessage())));
  }

  @Override
  public void nodeDeleted(String name) {
    nodes.remove(name);
  }

  Collection<NodeFacts> nodes() {
    return nodes.values();
  }

  private String once(String text) {
    String some = Objects.requireNonNullElse(text, "");
    String shown = some.length() > MOST_TEXT ? some.substring(0, MOST_TEXT) + "…" : some;
    if (texts.size() >= MOST_TEXTS) {
      texts.clear();
    }
    return texts.computeIfAbsent(shown, same -> same);
  }

  private static long memory(Node node) {
    Map<String, Quantity> capacity =
        node.getStatus() == null ? null : node.getStatus().getCapacity();
    Quantity memory = capacity == null ? null : capacity.get("memory");
    if (memory == null) {
      return 0;
    }
    try {
      return memory.getNumericalAmount().max(BigDecimal.ZERO).longValue();
    } catch (IllegalArgumentException | ArithmeticException e) {
      return 0;
    }
  }
}
