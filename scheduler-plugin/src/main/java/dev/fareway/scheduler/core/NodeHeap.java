package dev.fareway.scheduler.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A heap of nodes, best first, that knows where each stands. Not thread-safe.
 *
 * <p>A node's load changes under the heap's eyes: after every change {@link #moved} must be called
 * before the next look.
 *
 * <p>Shaped by speed: four children a node make it half as deep as two, and the weights stand in an
 * array of their own, so that a step down reads one or two lines of memory and no node object.
 */
final class NodeHeap {
  /**
   * How many nodes are looked at, best first, for one that admits an instance, before giving up on
   * this heap.
   */
  static final int MAX_LOOKS = 64;

  private static final int CHILDREN = 4;

  private @Nullable NodeState[] nodes = new NodeState[16];
  private long[] weights = new long[16];
  private int size;

  /** Scratch of {@link #bestAdmitted}: heap positions whose parents were looked at. */
  private final int[] frontier = new int[CHILDREN * MAX_LOOKS + 1];

  int size() {
    return size;
  }

  void add(NodeState node) {
    if (size == nodes.length) {
      nodes = Arrays.copyOf(nodes, 2 * size);
      weights = Arrays.copyOf(weights, 2 * size);
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
  @Nullable NodeState bestAdmitted(Eligibility eligibility, Room needs, long nowNanos) {
    if (size == 0) {
      return null;
    }
    // Most often the first one will do.
    NodeState first = at(0);
    if (first.expiresAtNanos > nowNanos && eligibility.admits(first, needs)) {
      return first;
    }
    int known = 0;
    frontier[known++] = 0;
    for (int looks = 0; looks < MAX_LOOKS && known > 0; looks++) {
      int best = 0;
      for (int i = 1; i < known; i++) {
        if (isBetter(frontier[i], frontier[best])) {
          best = i;
        }
      }
      int index = frontier[best];
      frontier[best] = frontier[--known];
      NodeState node = at(index);
      if (node.expiresAtNanos > nowNanos && eligibility.admits(node, needs)) {
        return node;
      }
      int end = Math.min(size, CHILDREN * index + CHILDREN + 1);
      for (int child = CHILDREN * index + 1; child < end; child++) {
        frontier[known++] = child;
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

  /** Whether each node stands where it says, and none above a better one. */
  boolean isSound() {
    for (int i = 0; i < size; i++) {
      NodeState node = at(i);
      if (node.heap != this
          || node.heapIndex != i
          || weights[i] != node.weight
          || (i > 0 && isBetter(i, (i - 1) / CHILDREN))) {
        return false;
      }
    }
    return true;
  }

  private boolean isBetter(int a, int b) {
    return weights[a] != weights[b] ? weights[a] < weights[b] : at(a).order < at(b).order;
  }

  private boolean isBetter(NodeState node, int index) {
    return node.weight != weights[index]
        ? node.weight < weights[index]
        : node.order < at(index).order;
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
      int parent = (at - 1) / CHILDREN;
      if (!isBetter(node, parent)) {
        break;
      }
      put(at, at(parent));
      at = parent;
    }
    put(at, node);
  }

  private void down(int index, NodeState node) {
    int at = index;
    for (int first = CHILDREN * at + 1; first < size; first = CHILDREN * at + 1) {
      int best = first;
      int end = Math.min(size, first + CHILDREN);
      for (int child = first + 1; child < end; child++) {
        if (isBetter(child, best)) {
          best = child;
        }
      }
      if (weights[best] > node.weight
          || (weights[best] == node.weight && at(best).order > node.order)) {
        break;
      }
      put(at, at(best));
      at = best;
    }
    put(at, node);
  }

  private void put(int index, NodeState node) {
    nodes[index] = node;
    weights[index] = node.weight;
    node.heapIndex = index;
  }
}
