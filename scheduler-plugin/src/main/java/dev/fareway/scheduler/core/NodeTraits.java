package dev.fareway.scheduler.core;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What constraints can see of a node, but for its name.
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

  /** The same with no more labels than these. */
  NodeTraits withOnly(Set<String> keys) {
    var kept = new HashMap<>(labels);
    kept.keySet().retainAll(keys);
    return new NodeTraits(kept, taints, schedulable);
  }
}
