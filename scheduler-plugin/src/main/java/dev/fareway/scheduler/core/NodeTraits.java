package dev.fareway.scheduler.core;

import java.util.Map;
import java.util.Set;

/**
 * What constraints can see of a node. Nodes of equal traits are looked at together, so a label that
 * differs on every node (its host name) must not be among them: constraints on it go by the node's
 * name.
 *
 * @param labels labels by key
 * @param taints taints of effect NoSchedule or NoExecute
 * @param schedulable ready and not cordoned
 */
public record NodeTraits(Map<String, String> labels, Set<Taint> taints, boolean schedulable) {
  /** A node with nothing special about it. */
  public static final NodeTraits PLAIN = new NodeTraits(Map.of(), Set.of(), true);

  public NodeTraits {
    labels = Map.copyOf(labels);
    taints = Set.copyOf(taints);
  }
}
