package dev.fareway.scheduler.kubernetes;

import dev.fareway.scheduler.core.NodeTraits;
import dev.fareway.scheduler.core.Room;
import dev.fareway.scheduler.core.Taint;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads a node. */
public final class NodeReader {
  /**
   * Differs on every node, so it is no trait: constraints on it would make each node a group of its
   * own.
   */
  static final String HOST_NAME = "kubernetes.io/hostname";

  private static final Set<String> EFFECTS = Set.of("NoSchedule", "NoExecute");

  private NodeReader() {}

  /** What constraints can see of the node. */
  public static NodeTraits traits(Node node) {
    var labels =
        new HashMap<>(
            Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.<String, String>of()));
    labels.remove(HOST_NAME);
    var spec = node.getSpec();
    Set<Taint> taints =
        spec == null
            ? Set.of()
            : spec.getTaints().stream()
                .filter(taint -> EFFECTS.contains(taint.getEffect()))
                .map(
                    taint ->
                        new Taint(
                            taint.getKey(),
                            Objects.requireNonNullElse(taint.getValue(), ""),
                            taint.getEffect()))
                .collect(Collectors.toUnmodifiableSet());
    boolean cordoned = spec != null && Boolean.TRUE.equals(spec.getUnschedulable());
    return new NodeTraits(labels, taints, isReady(node) && !cordoned);
  }

  /** What pods may request of the node in all. */
  public static Room allocatable(Node node) {
    Map<String, Quantity> allocatable =
        node.getStatus() == null
            ? Map.of()
            : Objects.requireNonNullElse(node.getStatus().getAllocatable(), Map.of());
    return new Room(
        PodReader.milliCpus(allocatable),
        PodReader.bytes(allocatable),
        PodReader.amount(allocatable.get("pods"), 1));
  }

  private static boolean isReady(Node node) {
    return node.getStatus() != null
        && node.getStatus().getConditions().stream()
            .anyMatch(
                condition ->
                    "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
  }
}
