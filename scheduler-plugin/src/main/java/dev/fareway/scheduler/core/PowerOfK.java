package dev.fareway.scheduler.core;

import java.util.Objects;
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

  /** Of those drawn together: the position of the group, the position in it, and its row. */
  private final int[] groups;

  private final int[] positions;
  private final long[] drawnWeights;
  private final long[] briefs;

  /** Of those that the last sample has found. */
  private final long[] weights;

  private final int[] scores;
  private boolean someReachable;

  /** How many nodes were drawn or searched, ever. */
  private long looks;

  PowerOfK(int k, RandomGenerator random) {
    if (k < 1) {
      throw new IllegalArgumentException("k is %d, it must be 1 or more".formatted(k));
    }
    this.k = k;
    this.random = random;
    this.groups = new int[k];
    this.positions = new int[k];
    this.drawnWeights = new long[k];
    this.briefs = new long[k];
    this.weights = new long[k];
    this.scores = new int[k];
  }

  /**
   * Draws candidates.
   *
   * @param into takes up to k of them
   * @return how many: 0 only if there is none; fewer than k if no more admit the instance, or so
   *     few of the nodes that drawing did not find more
   */
  int sample(Eligibility eligibility, Room needs, @Nullable NodeState[] into) {
    someReachable = false;
    int nodes = eligibility.size();
    if (nodes == 0) {
      return 0;
    }
    int found = 0;
    if (nodes > k * DRAWS) {
      long brief = eligibility.isByGroup() ? Brief.needs(needs) : Brief.TOO_MUCH;
      for (int draws = 0; draws < k * DRAWS && found < k; ) {
        int drawn = k - found;
        found =
            brief == Brief.TOO_MUCH
                ? draw(eligibility, needs, nodes, drawn, into, found)
                : drawByRows(eligibility, needs, brief, nodes, drawn, into, found);
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

  private int draw(
      Eligibility eligibility,
      Room needs,
      int nodes,
      int draws,
      @Nullable NodeState[] into,
      int foundBefore) {
    int found = foundBefore;
    for (int i = 0; i < draws; i++) {
      found = addIfNew(eligibility, needs, eligibility.at(random.nextInt(nodes)), into, found);
    }
    return found;
  }

  /**
   * The same by the rows of the groups. All are read before the first is judged, so that the
   * processor waits for memory once, and not for each.
   */
  private int drawByRows(
      Eligibility eligibility,
      Room needs,
      long brief,
      int nodes,
      int draws,
      @Nullable NodeState[] into,
      int foundBefore) {
    for (int i = 0; i < draws; i++) {
      int index = random.nextInt(nodes);
      int group = eligibility.groupOf(index);
      int position = eligibility.positionIn(group, index);
      groups[i] = group;
      positions[i] = position;
      drawnWeights[i] = eligibility.groups[group].weightAt(position);
      briefs[i] = eligibility.groups[group].briefAt(position);
    }
    int found = foundBefore;
    looks += draws;
    for (int i = 0; i < draws; i++) {
      NodeState node = eligibility.groups[groups[i]].at(positions[i]);
      if ((Brief.fits(brief, briefs[i]) || node.hasRoomFor(needs)) && isNew(node, into, found)) {
        found(
            node,
            drawnWeights[i],
            eligibility.scoreOfGroup(groups[i]),
            Brief.isReachable(briefs[i]),
            into,
            found++);
      }
    }
    return found;
  }

  /** Whether any of those that the last sample has found can be asked for its load. */
  boolean someReachable() {
    return someReachable;
  }

  /** The least loaded of those that the last sample has found, of which there must be one. */
  NodeState leastLoadedFound(@Nullable NodeState[] found, int count) {
    NodeState best = Objects.requireNonNull(found[0]);
    int at = 0;
    for (int i = 1; i < count; i++) {
      NodeState node = Objects.requireNonNull(found[i]);
      if (isBetter(node, i, best, at)) {
        best = node;
        at = i;
      }
    }
    return best;
  }

  /** As {@link NodeState#isBetterThan}, and looks at the nodes only if nothing else tells. */
  private boolean isBetter(NodeState node, int at, NodeState than, int thanAt) {
    long functions = weights[at] >>> NodeState.MEMORY_BITS;
    if (scores[at] != scores[thanAt] && functions == weights[thanAt] >>> NodeState.MEMORY_BITS) {
      return scores[at] > scores[thanAt];
    }
    return weights[at] != weights[thanAt] ? weights[at] < weights[thanAt] : node.order < than.order;
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
      Eligibility eligibility, Room needs, NodeState node, @Nullable NodeState[] into, int found) {
    looks++;
    if (!eligibility.admitsDrawn(node, needs) || !isNew(node, into, found)) {
      return found;
    }
    found(node, node.weight, eligibility.score(node), node.reachable, into, found);
    return found + 1;
  }

  private static boolean isNew(NodeState node, @Nullable NodeState[] into, int found) {
    for (int i = 0; i < found; i++) {
      if (into[i] == node) {
        return false;
      }
    }
    return true;
  }

  private void found(
      NodeState node,
      long weight,
      int score,
      boolean reachable,
      @Nullable NodeState[] into,
      int at) {
    into[at] = node;
    weights[at] = weight;
    scores[at] = score;
    someReachable |= reachable;
  }
}
