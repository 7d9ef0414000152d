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
  private final Lookahead lookahead;

  /** Of those drawn together: the number, the position of the group, and the row. */
  private final int[] drawnNumbers;

  private final int[] drawnGroups;
  private final long[] drawnWeights;
  private final long[] drawnBriefs;

  /**
   * Of those that the last sample has found: the numbers by which {@link Eligibility#at} knows
   * them.
   */
  private final int[] numbers;

  private final long[] weights;
  private final int[] scores;
  private int found;
  private boolean someReachable;

  /** How many nodes were drawn or searched, ever. */
  private long looks;

  PowerOfK(int k, RandomGenerator random) {
    if (k < 1) {
      throw new IllegalArgumentException("k is %d, it must be 1 or more".formatted(k));
    }
    this.k = k;
    this.random = random;
    this.lookahead = new Lookahead(k, random);
    this.drawnNumbers = new int[k];
    this.drawnGroups = new int[k];
    this.drawnWeights = new long[k];
    this.drawnBriefs = new long[k];
    this.numbers = new int[k];
    this.weights = new long[k];
    this.scores = new int[k];
  }

  /**
   * Draws candidates.
   *
   * @return how many: 0 only if there is none; fewer than k if no more admit the instance, or so
   *     few of the nodes that drawing did not find more
   */
  int sample(Eligibility eligibility, Room needs) {
    found = 0;
    someReachable = false;
    int nodes = eligibility.size();
    if (nodes == 0) {
      return 0;
    }
    if (nodes > k * DRAWS) {
      long brief = eligibility.isByGroup() ? Brief.needs(needs) : Brief.TOO_MUCH;
      for (int draws = 0; draws < k * DRAWS && found < k; ) {
        int drawn = k - found;
        if (brief == Brief.TOO_MUCH) {
          draw(eligibility, needs, nodes, drawn);
        } else {
          boolean ahead = draws == 0 && nodes >= Prefetch.MANY_NODES;
          drawByRows(eligibility, needs, brief, drawn, ahead);
        }
        draws += drawn;
      }
    }
    if (found == 0) {
      // Few nodes, or few with room: all of them, from a random one on.
      int start = random.nextInt(nodes);
      for (int i = 0; i < nodes && found < k; i++) {
        addIfAdmitted(eligibility, needs, start + i < nodes ? start + i : start + i - nodes);
      }
    }
    return found;
  }

  private void draw(Eligibility eligibility, Room needs, int nodes, int draws) {
    for (int i = 0; i < draws; i++) {
      addIfAdmitted(eligibility, needs, random.nextInt(nodes));
    }
  }

  /**
   * The same by the rows of the groups. All are read before the first is judged, so that the
   * processor waits for memory once, and not for each.
   *
   * @param ahead whether to take the draws that were made ahead for this decision
   */
  private void drawByRows(
      Eligibility eligibility, Room needs, long brief, int draws, boolean ahead) {
    int nodes = eligibility.size();
    if (ahead) {
      lookahead.begin(eligibility);
    }
    for (int i = 0; i < draws; i++) {
      int number = ahead ? lookahead.draw(nodes) : random.nextInt(nodes);
      int group = eligibility.groupOf(number);
      int position = eligibility.positionIn(group, number);
      drawnNumbers[i] = number;
      drawnGroups[i] = group;
      drawnWeights[i] = eligibility.groups[group].weightAt(position);
      drawnBriefs[i] = eligibility.groups[group].briefAt(position);
    }
    looks += draws;
    for (int i = 0; i < draws; i++) {
      if (isNew(drawnNumbers[i])
          && (Brief.fits(brief, drawnBriefs[i])
              || eligibility.at(drawnNumbers[i]).hasRoomFor(needs))) {
        add(
            drawnNumbers[i],
            drawnWeights[i],
            eligibility.scoreOfGroup(drawnGroups[i]),
            Brief.isReachable(drawnBriefs[i]));
      }
    }
  }

  /** Whether any of those that the last sample has found can be asked for its load. */
  boolean someReachable() {
    return someReachable;
  }

  /** Those that the last sample has found, of the same nodes. */
  void found(Eligibility eligibility, @Nullable NodeState[] into) {
    for (int i = 0; i < found; i++) {
      into[i] = eligibility.at(numbers[i]);
    }
  }

  /** The least loaded of those that the last sample has found, of which there must be one. */
  NodeState leastLoadedFound(Eligibility eligibility) {
    int best = 0;
    for (int i = 1; i < found; i++) {
      if (isBetter(eligibility, i, best)) {
        best = i;
      }
    }
    return eligibility.at(numbers[best]);
  }

  /** As {@link NodeState#isBetterThan}, and looks at the nodes only if nothing else tells. */
  private boolean isBetter(Eligibility eligibility, int at, int than) {
    long functions = weights[at] >>> NodeState.MEMORY_BITS;
    if (scores[at] != scores[than] && functions == weights[than] >>> NodeState.MEMORY_BITS) {
      return scores[at] > scores[than];
    }
    return weights[at] != weights[than]
        ? weights[at] < weights[than]
        : eligibility.at(numbers[at]).order < eligibility.at(numbers[than]).order;
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

  private void addIfAdmitted(Eligibility eligibility, Room needs, int number) {
    looks++;
    if (isNew(number)) {
      NodeState node = eligibility.at(number);
      if (eligibility.admitsDrawn(node, needs)) {
        add(number, node.weight, eligibility.score(node), node.reachable);
      }
    }
  }

  private boolean isNew(int number) {
    for (int i = 0; i < found; i++) {
      if (numbers[i] == number) {
        return false;
      }
    }
    return true;
  }

  private void add(int number, long weight, int score, boolean reachable) {
    numbers[found] = number;
    weights[found] = weight;
    scores[found] = score;
    found++;
    someReachable |= reachable;
  }
}
