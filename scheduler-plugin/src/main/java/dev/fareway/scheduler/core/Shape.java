package dev.fareway.scheduler.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Instances with the same constraints and needs: where one of them fits, all do.
 *
 * <p>It remembers that no node has room for them, so that the thousandth of a burst is not searched
 * a node for in vain. Invariant: while it is exhausted, no node admits them but some of {@link
 * #freed}, because each node that gains room is offered to every exhausted shape.
 */
final class Shape {
  /** More nodes than that with room again, and they are searched as usual. */
  private static final int MAX_FREED = 64;

  final Eligibility eligibility;
  final Room needs;

  /** How many instances of this shape wait for a node, over all shards. */
  int waiting;

  private boolean exhausted;
  private @Nullable NodeState[] freed = {};
  private int freedCount;

  private @Nullable Refusal refusal;
  private long refusalAtNanos;

  Shape(Eligibility eligibility, Room needs) {
    this.eligibility = eligibility;
    this.needs = needs;
  }

  boolean isExhausted() {
    return exhausted;
  }

  /** Whether a search is not sure to be in vain. */
  boolean mayFit() {
    return !exhausted || freedCount > 0;
  }

  void exhaust() {
    exhausted = true;
    freedCount = 0;
  }

  void relent() {
    exhausted = false;
    Arrays.fill(freed, 0, freedCount, null);
    freedCount = 0;
    refusal = null;
  }

  /**
   * A node has more room than before.
   *
   * @return false if there are too many of these now to keep count of
   */
  boolean offer(NodeState node) {
    if (knowsFreed(node)) {
      return true;
    }
    if (freedCount == MAX_FREED) {
      return false;
    }
    if (freedCount == freed.length) {
      freed = Arrays.copyOf(freed, Math.max(4, 2 * freedCount));
    }
    freed[freedCount++] = node;
    return true;
  }

  boolean knowsFreed(NodeState node) {
    for (int i = 0; i < freedCount; i++) {
      if (freed[i] == node) {
        return true;
      }
    }
    return false;
  }

  /** The least loaded node that has room again; forgets those that have none any more. */
  @Nullable NodeState bestFreed() {
    NodeState best = null;
    int kept = 0;
    for (int i = 0; i < freedCount; i++) {
      NodeState node = freed[i];
      if (node != null && eligibility.admitsAny(node, needs)) {
        freed[kept++] = node;
        if (best == null
            || node.isBetterThan(best, eligibility.score(node), eligibility.score(best))) {
          best = node;
        }
      }
    }
    Arrays.fill(freed, kept, freedCount, null);
    freedCount = kept;
    return best;
  }

  /** Why they fit nowhere, if that was worked out not longer ago than so. */
  @Nullable Refusal refusalSince(long nanos) {
    return refusal != null && refusalAtNanos >= nanos ? refusal : null;
  }

  void refusal(Refusal reason, long nowNanos) {
    refusal = reason;
    refusalAtNanos = nowNanos;
  }
}
