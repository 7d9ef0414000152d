package dev.fareway.scheduler.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The last resort: who has to leave so that a dearer instance fits.
 *
 * <p>Only function instances of strictly cheaper classes, and of these the fewest, then the
 * cheapest, on one of a few nodes drawn: what it costs does not grow with the cluster. Not
 * thread-safe.
 */
final class Preemption {
  /** How many nodes are looked at. */
  static final int SAMPLE = 16;

  /** Dearest last; of one price the youngest first: it has the least to lose. */
  private static final Comparator<Occupant> CHEAPEST_FIRST =
      Comparator.comparingLong((Occupant occupant) -> occupant.priceNanoUnits)
          .thenComparing(
              Comparator.comparingLong((Occupant occupant) -> occupant.order).reversed());

  private final RandomGenerator random;

  Preemption(RandomGenerator random) {
    this.random = random;
  }

  /**
   * A node and those who have to leave it.
   *
   * @param victims none if enough are leaving already
   */
  record Choice(NodeState node, List<Occupant> victims) {
    private long price() {
      long sum = 0;
      for (Occupant victim : victims) {
        sum += victim.priceNanoUnits;
      }
      return sum;
    }

    boolean isBetterThan(Choice other) {
      if (victims.size() != other.victims.size()) {
        return victims.size() < other.victims.size();
      }
      long price = price();
      long otherPrice = other.price();
      return price != otherPrice ? price < otherPrice : node.isBetterThan(other.node);
    }
  }

  /** The best choice among some of the nodes; null if none of these will do. */
  @Nullable Choice choose(Eligibility eligibility, Room needs, long priceNanoUnits, long nowNanos) {
    int nodes = eligibility.size();
    Choice best = null;
    int looks = Math.min(nodes, SAMPLE);
    int start = nodes == 0 ? 0 : random.nextInt(nodes);
    for (int i = 0; i < looks; i++) {
      // All of few nodes; of many, some at random.
      int index = nodes <= SAMPLE ? (start + i) % nodes : random.nextInt(nodes);
      NodeState node = eligibility.at(index);
      if (eligibility.allows(node)) {
        Choice choice = on(node, needs, priceNanoUnits, nowNanos);
        if (choice != null && (best == null || choice.isBetterThan(best))) {
          best = choice;
        }
      }
    }
    return best;
  }

  private static @Nullable Choice on(
      NodeState node, Room needs, long priceNanoUnits, long nowNanos) {
    if (!node.couldEverHold(needs)) {
      return null;
    }
    NodeBooks books = node.copy();
    var candidates = new ArrayList<Occupant>();
    for (Occupant occupant = node.lastFunction;
        occupant != null;
        occupant = occupant.beforeOnNode) {
      if (occupant.leaving) {
        books.giveBack(occupant.room);
      } else if (occupant.confirmed
          && occupant.priceNanoUnits < priceNanoUnits
          && occupant.protectedUntilNanos <= nowNanos) {
        candidates.add(occupant);
      }
    }
    candidates.sort(CHEAPEST_FIRST);
    var victims = new ArrayList<Occupant>();
    for (Occupant candidate : candidates) {
      if (books.hasRoomFor(needs)) {
        break;
      }
      books.giveBack(candidate.room);
      victims.add(candidate);
    }
    if (!books.hasRoomFor(needs)) {
      return null;
    }
    // Who turns out not to be needed stays, the dearest first.
    for (int i = victims.size() - 1; i >= 0; i--) {
      Occupant victim = victims.get(i);
      books.take(victim.room);
      if (books.hasRoomFor(needs)) {
        victims.remove(i);
      } else {
        books.giveBack(victim.room);
      }
    }
    return new Choice(node, victims);
  }
}
