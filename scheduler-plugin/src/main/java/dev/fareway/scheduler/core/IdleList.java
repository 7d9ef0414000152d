package dev.fareway.scheduler.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A shard's idle list (the paper, section 3.2): the nodes that have said that much of their memory
 * is free.
 *
 * <p>One heap for each group of nodes, so that constraints choose among groups and the best node of
 * each is at hand. A node is on at most one list. Not thread-safe.
 */
final class IdleList {
  private @Nullable NodeHeap[] heaps = new NodeHeap[4];
  private int size;

  int size() {
    return size;
  }

  boolean contains(NodeState node) {
    return node.list == this;
  }

  /** Puts a node on this list, off any other; or, if it is on it, renews its entry. */
  void join(NodeState node, long expiresAtNanos) {
    NodeGroup group = node.group;
    if (group == null) {
      return;
    }
    node.expiresAtNanos = expiresAtNanos;
    if (node.list == this) {
      return;
    }
    if (node.list != null) {
      node.list.leave(node);
    }
    if (group.id >= heaps.length) {
      heaps = Arrays.copyOf(heaps, Math.max(group.id + 1, 2 * heaps.length));
    }
    NodeHeap heap = heaps[group.id];
    if (heap == null) {
      heap = new NodeHeap();
      heaps[group.id] = heap;
    }
    heap.add(node);
    node.list = this;
    size++;
  }

  void leave(NodeState node) {
    if (node.list == this && node.heap != null) {
      node.heap.remove(node);
      node.list = null;
      size--;
    }
  }

  /**
   * The node with the fewest functions among those that admit the instance, ties by most memory;
   * null if none does.
   */
  @Nullable NodeState choose(Eligibility eligibility, Instance instance, long nowNanos) {
    if (size == 0) {
      return null;
    }
    NodeState best = null;
    for (NodeGroup group : eligibility.groups) {
      NodeHeap heap = group.id < heaps.length ? heaps[group.id] : null;
      if (heap != null) {
        NodeState node = heap.bestAdmitted(eligibility, instance, nowNanos);
        if (node != null && (best == null || node.isBetterThan(best))) {
          best = node;
        }
      }
    }
    return best;
  }

  /**
   * Takes off the entries that were not renewed in time; looks at every entry, so only now and
   * then.
   */
  void expire(long nowNanos) {
    for (NodeHeap heap : heaps) {
      for (int i = heap == null ? -1 : heap.size() - 1; heap != null && i >= 0; i--) {
        // A removal puts another node at i, one that stood behind and was looked at: all of them
        // are seen.
        NodeState node = heap.at(i);
        if (node.expiresAtNanos <= nowNanos) {
          leave(node);
        }
        i = Math.min(i, heap.size());
      }
    }
  }
}
