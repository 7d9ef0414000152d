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
      for (int draw = 0; draw < k * DRAWS && found < k; draw++) {
        found = addIfNew(eligibility, needs, eligibility.at(random.nextInt(nodes)), into, found);
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

  private static int addIfNew(
      Eligibility eligibility, Room needs, NodeState node, @Nullable NodeState[] into, int found) {
    if (!eligibility.admitsAny(node, needs)) {
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
