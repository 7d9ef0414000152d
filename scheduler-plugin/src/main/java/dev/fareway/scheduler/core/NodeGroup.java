package dev.fareway.scheduler.core;

import java.util.ArrayList;
import java.util.List;

/**
 * Nodes that constraints on common labels can't tell apart: they are compared once with the group,
 * not with each node.
 */
final class NodeGroup {
  /** Of the labels, those that some constraints look at. */
  final NodeTraits traits;

  /** Small, and used again after the group is gone: an index into each idle list's buckets. */
  final int id;

  final List<NodeState> nodes = new ArrayList<>();

  NodeGroup(NodeTraits traits, int id) {
    this.traits = traits;
    this.id = id;
  }

  void add(NodeState node) {
    node.group = this;
    node.groupIndex = nodes.size();
    nodes.add(node);
  }

  void remove(NodeState node) {
    NodeState last = nodes.removeLast();
    if (last != node) {
      nodes.set(node.groupIndex, last);
      last.groupIndex = node.groupIndex;
    }
    node.group = null;
  }
}
