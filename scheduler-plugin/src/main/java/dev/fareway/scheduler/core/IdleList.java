package dev.fareway.scheduler.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
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
   * The node with the fewest functions among those that admit the instance, ties by preference,
   * then by most memory; null if none does.
   */
  @Nullable NodeState choose(Eligibility eligibility, Room needs, long nowNanos) {
    if (size == 0) {
      return null;
    }
    NodeState[] listed = eligibility.listed();
    if (listed != null) {
      return chooseAmong(listed, eligibility, needs, nowNanos);
    }
    NodeState best = null;
    int bestScore = 0;
    NodeGroup[] groups = eligibility.groups;
    for (int i = 0; i < groups.length; i++) {
      NodeHeap heap = groups[i].id < heaps.length ? heaps[groups[i].id] : null;
      NodeState node = heap == null ? null : heap.bestAdmitted(eligibility, needs, nowNanos);
      if (node != null) {
        int score = eligibility.scoreOfGroup(i);
        if (best == null || node.isBetterThan(best, score, bestScore)) {
          best = node;
          bestScore = score;
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
    // In two steps: a removal moves others in the heap.
    var expired = new ArrayList<NodeState>();
    for (NodeHeap heap : heaps) {
      for (int i = 0; heap != null && i < heap.size(); i++) {
        NodeState node = heap.at(i);
        if (node.expiresAtNanos <= nowNanos) {
          expired.add(node);
        }
      }
    }
    expired.forEach(this::leave);
  }

  /** Some of the entries, the best first: to be shown, not to choose by. */
  List<IdleNode> some(int most) {
    var found = new ArrayList<NodeState>();
    for (NodeHeap heap : heaps) {
      // The front of a heap holds the better ones, more or less.
      for (int i = 0; heap != null && i < Math.min(most, heap.size()); i++) {
        found.add(heap.at(i));
      }
    }
    return found.stream()
        .sorted(
            Comparator.comparingLong((NodeState node) -> node.weight)
                .thenComparingInt(node -> node.order))
        .limit(most)
        .map(node -> new IdleNode(node.name, node.functions(), node.availableMemoryBytes()))
        .toList();
  }

  /** Takes everyone off. */
  void clear() {
    for (NodeHeap heap : heaps) {
      while (heap != null && heap.size() > 0) {
        leave(heap.at(heap.size() - 1));
      }
    }
  }

  boolean isSound() {
    int sum = 0;
    for (NodeHeap heap : heaps) {
      if (heap != null) {
        if (!heap.isSound()) {
          return false;
        }
        sum += heap.size();
      }
    }
    return sum == size;
  }

  private @Nullable NodeState chooseAmong(
      NodeState[] listed, Eligibility eligibility, Room needs, long nowNanos) {
    NodeState best = null;
    for (NodeState node : listed) {
      if (node.list == this
          && node.expiresAtNanos > nowNanos
          && eligibility.admitsAny(node, needs)
          && (best == null
              || node.isBetterThan(best, eligibility.score(node), eligibility.score(best)))) {
        best = node;
      }
    }
    return best;
  }
}
