package dev.fareway.scheduler.core;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Nodes that constraints on common labels can't tell apart: they are compared once with the group,
 * not with each node.
 *
 * <p>Shaped by speed: of each node, what a draw is judged by stands in one array, two numbers a
 * node. Of many nodes none is in a cache when it is drawn; but these rows are so few bytes that
 * those of 100,000 nodes stay in one, and only the node that is chosen is fetched from memory.
 */
final class NodeGroup {
  /** Of the labels, those that some constraints look at. */
  final NodeTraits traits;

  /** Small, and used again after the group is gone: an index into each idle list's buckets. */
  final int id;

  private @Nullable NodeState[] nodes = new NodeState[4];
  private int size;

  /** By position: the node's weight, then its room in brief. */
  private long[] rows = new long[8];

  NodeGroup(NodeTraits traits, int id) {
    this.traits = traits;
    this.id = id;
  }

  int size() {
    return size;
  }

  NodeState at(int position) {
    return Objects.requireNonNull(nodes[position]);
  }

  /** {@link NodeState#weight} of the node there. */
  long weightAt(int position) {
    return rows[2 * position];
  }

  /** {@link NodeState#brief} of the node there. */
  long briefAt(int position) {
    return rows[2 * position + 1];
  }

  void add(NodeState node) {
    if (size == nodes.length) {
      nodes = Arrays.copyOf(nodes, 2 * size);
      rows = Arrays.copyOf(rows, 4 * size);
    }
    node.group = this;
    node.groupIndex = size;
    nodes[size++] = node;
    changed(node);
  }

  void remove(NodeState node) {
    NodeState last = at(--size);
    nodes[size] = null;
    if (last != node) {
      nodes[node.groupIndex] = last;
      last.groupIndex = node.groupIndex;
      changed(last);
    }
    node.group = null;
  }

  /** A node of the group has another weight or room, or can be asked or not. */
  void changed(NodeState node) {
    int at = 2 * node.groupIndex;
    rows[at] = node.weight;
    rows[at + 1] = node.brief();
  }
}
