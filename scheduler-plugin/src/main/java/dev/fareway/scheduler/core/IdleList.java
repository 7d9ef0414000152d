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
 * <p>The nodes of each group have buckets of their own, so that constraints choose among groups and
 * the best node of each is at hand. A node is on at most one list. Not thread-safe.
 */
final class IdleList {
  private @Nullable NodeBuckets[] byGroup = new NodeBuckets[4];
  private int size;
  private long listedLooks;

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
    if (group.id >= byGroup.length) {
      byGroup = Arrays.copyOf(byGroup, Math.max(group.id + 1, 2 * byGroup.length));
    }
    NodeBuckets buckets = byGroup[group.id];
    if (buckets == null) {
      buckets = new NodeBuckets();
      byGroup[group.id] = buckets;
    }
    buckets.add(node);
    node.list = this;
    size++;
  }

  void leave(NodeState node) {
    if (node.list == this && node.buckets != null) {
      node.buckets.remove(node);
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
      NodeBuckets buckets = groups[i].id < byGroup.length ? byGroup[groups[i].id] : null;
      NodeState node = buckets == null ? null : buckets.bestAdmitted(eligibility, needs, nowNanos);
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
    // From a copy: a removal moves others in the buckets.
    for (NodeBuckets buckets : byGroup) {
      if (buckets != null) {
        for (NodeState node : buckets.first(buckets.size())) {
          if (node.expiresAtNanos <= nowNanos) {
            leave(node);
          }
        }
        buckets.trim();
      }
    }
  }

  /** Some of the entries, the best first: to be shown, not to choose by. */
  List<IdleNode> some(int most) {
    var found = new ArrayList<NodeState>();
    for (NodeBuckets buckets : byGroup) {
      if (buckets != null) {
        found.addAll(List.of(buckets.first(most)));
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
    for (NodeBuckets buckets : byGroup) {
      if (buckets != null) {
        for (NodeState node : buckets.first(buckets.size())) {
          leave(node);
        }
      }
    }
  }

  /** How many nodes {@link #choose} has looked at, ever. */
  long looks() {
    long sum = listedLooks;
    for (NodeBuckets buckets : byGroup) {
      sum += buckets == null ? 0 : buckets.looks();
    }
    return sum;
  }

  boolean isSound() {
    int sum = 0;
    for (NodeBuckets buckets : byGroup) {
      if (buckets != null) {
        if (!buckets.isSound()) {
          return false;
        }
        sum += buckets.size();
      }
    }
    return sum == size;
  }

  private @Nullable NodeState chooseAmong(
      NodeState[] listed, Eligibility eligibility, Room needs, long nowNanos) {
    NodeState best = null;
    listedLooks += listed.length;
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
