package dev.fareway.scheduler.core;

import java.util.ArrayList;
import java.util.List;

/** The nodes of equal traits: constraints are compared once with the group, not with each node. */
final class NodeGroup {
  final NodeTraits traits;

  /** Dense and never reused: an index into each idle list's heaps. */
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
