package dev.fareway.scheduler.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A binary heap of nodes, best first, that knows where each stands. Not thread-safe.
 *
 * <p>A node's load changes under the heap's eyes: after every change {@link #moved} must be called
 * before the next look.
 */
final class NodeHeap {
  /**
   * How many nodes are looked at, best first, for one that admits an instance, before giving up on
   * this heap.
   */
  static final int MAX_LOOKS = 64;

  private @Nullable NodeState[] nodes = new NodeState[16];
  private int size;

  /** Scratch of {@link #bestAdmitted}: heap positions whose parents were looked at. */
  private final int[] frontier = new int[MAX_LOOKS + 1];

  int size() {
    return size;
  }

  void add(NodeState node) {
    if (size == nodes.length) {
      nodes = Arrays.copyOf(nodes, 2 * size);
    }
    node.heap = this;
    up(size++, node);
  }

  void remove(NodeState node) {
    int index = node.heapIndex;
    NodeState last = at(--size);
    nodes[size] = null;
    node.heapIndex = -1;
    node.heap = null;
    if (last != node) {
      settle(index, last);
    }
  }

  /** Puts a node whose load has changed where it now belongs. */
  void moved(NodeState node) {
    settle(node.heapIndex, node);
  }

  /**
   * The best node that has not expired and admits the instance, or null if there is none among the
   * first {@link #MAX_LOOKS}.
   */
  @Nullable NodeState bestAdmitted(Eligibility eligibility, Instance instance, long nowNanos) {
    if (size == 0) {
      return null;
    }
    // Most often the first one will do.
    NodeState first = at(0);
    if (first.expiresAtNanos > nowNanos && eligibility.admits(first, instance)) {
      return first;
    }
    int known = 0;
    frontier[known++] = 0;
    for (int looks = 0; looks < MAX_LOOKS && known > 0; looks++) {
      int best = 0;
      for (int i = 1; i < known; i++) {
        if (at(frontier[i]).isBetterThan(at(frontier[best]))) {
          best = i;
        }
      }
      int index = frontier[best];
      frontier[best] = frontier[--known];
      NodeState node = at(index);
      if (node.expiresAtNanos > nowNanos && eligibility.admits(node, instance)) {
        return node;
      }
      for (int child = 2 * index + 1; child <= 2 * index + 2; child++) {
        if (child < size) {
          frontier[known++] = child;
        }
      }
    }
    return null;
  }

  NodeState at(int index) {
    NodeState node = nodes[index];
    if (node == null) {
      throw new IllegalStateException("no node at %d of %d".formatted(index, size));
    }
    return node;
  }

  private void settle(int index, NodeState node) {
    down(index, node);
    if (node.heapIndex == index) {
      up(index, node);
    }
  }

  private void up(int index, NodeState node) {
    int at = index;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      NodeState above = at(parent);
      if (!node.isBetterThan(above)) {
        break;
      }
      put(at, above);
      at = parent;
    }
    put(at, node);
  }

  private void down(int index, NodeState node) {
    int at = index;
    for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && at(child + 1).isBetterThan(at(child))) {
        child++;
      }
      NodeState below = at(child);
      if (!below.isBetterThan(node)) {
        break;
      }
      put(at, below);
      at = child;
    }
    put(at, node);
  }

  private void put(int index, NodeState node) {
    nodes[index] = node;
    node.heapIndex = index;
  }
}
