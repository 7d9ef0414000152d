package dev.fareway.scheduler.kubernetes;

import dev.fareway.scheduler.core.NodeTraits;
import dev.fareway.scheduler.core.Room;
import dev.fareway.scheduler.core.Taint;
import io.fabric8.kubernetes.api.model.Node;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads a node. */
public final class NodeReader {
  private static final Set<String> EFFECTS = Set.of("NoSchedule", "NoExecute");

  private NodeReader() {}

  /** What constraints can see of the node. */
  public static NodeTraits traits(Node node) {
    Map<String, String> labels =
        Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of());
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
    return Amounts.of(node.getStatus() == null ? null : node.getStatus().getAllocatable())
        .asAllocatable();
  }

  private static boolean isReady(Node node) {
    return node.getStatus() != null
        && node.getStatus().getConditions().stream()
            .anyMatch(
                condition ->
                    "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
  }
}
