package dev.fareway.scheduler.core;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Power of k choices: samples k distinct nodes that admit an instance and takes the least loaded.
 * The two halves are apart because the candidates are asked for their load in between. Not
 * thread-safe.
 */
final class PowerOfK {
  /**
   * Draws per wanted candidate before the nodes are searched one after another: when few of them
   * have room.
   */
  private static final int DRAWS = 8;

  private final int k;
  private final RandomGenerator random;

  /** Of no meaning, but that what is read to make it must be read. */
  @SuppressWarnings("UnusedVariable")
  private long touched;

  /** How many nodes were drawn or searched, ever. */
  private long looks;

  PowerOfK(int k, RandomGenerator random) {
    if (k < 1) {
      throw new IllegalArgumentException("k is %d, it must be 1 or more".formatted(k));
    }
    this.k = k;
    this.random = random;
  }

  /**
   * Draws candidates.
   *
   * @param into takes up to k of them
   * @return how many: 0 only if there is none; fewer than k if no more admit the instance, or so
   *     few of the nodes that drawing did not find more
   */
  int sample(Eligibility eligibility, Room needs, @Nullable NodeState[] into) {
    int nodes = eligibility.size();
    if (nodes == 0) {
      return 0;
    }
    int found = 0;
    if (nodes > k * DRAWS) {
      for (int draws = 0; draws < k * DRAWS && found < k; ) {
        // Drawn together before any is looked at: of many nodes, none is in a cache, and so the
        // processor waits for all of them at once.
        int first = found;
        int drawn = k - found;
        for (int i = 0; i < drawn; i++) {
          NodeState node = eligibility.at(random.nextInt(nodes));
          touched ^= node.touch();
          into[first + i] = node;
        }
        for (int i = 0; i < drawn; i++) {
          found = addIfNew(eligibility, needs, into[first + i], into, found);
        }
        draws += drawn;
      }
    }
    if (found == 0) {
      // Few nodes, or few with room: all of them, from a random one on.
      int start = random.nextInt(nodes);
      for (int i = 0; i < nodes && found < k; i++) {
        int index = start + i < nodes ? start + i : start + i - nodes;
        found = addIfNew(eligibility, needs, eligibility.at(index), into, found);
      }
    }
    return found;
  }

  /** How many nodes {@link #sample} has looked at, ever. */
  long looks() {
    return looks;
  }

  /** The least loaded candidate that still admits the instance; null if none does any more. */
  static @Nullable NodeState leastLoaded(
      Eligibility eligibility, Room needs, @Nullable NodeState[] candidates, int count) {
    NodeState best = null;
    for (int i = 0; i < count; i++) {
      NodeState node = candidates[i];
      if (node != null
          && eligibility.admitsAny(node, needs)
          && (best == null
              || node.isBetterThan(best, eligibility.score(node), eligibility.score(best)))) {
        best = node;
      }
    }
    return best;
  }

  private int addIfNew(
      Eligibility eligibility,
      Room needs,
      @Nullable NodeState node,
      @Nullable NodeState[] into,
      int found) {
    looks++;
    if (node == null || !eligibility.admitsDrawn(node, needs)) {
      return found;
    }
    for (int i = 0; i < found; i++) {
      if (into[i] == node) {
        return found;
      }
    }
    into[found] = node;
    return found + 1;
  }
}
