package dev.fareway.scheduler.core;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Brings nodes that the next decisions are likely to choose into a cache, with what these will
 * write to. Not thread-safe.
 *
 * <p>Shaped by speed: of many nodes none is in a cache when its turn comes, and a decision that
 * waits for memory takes several times as long as one that does not. A processor has many reads
 * under way at a time, if they stand close together and none depends on another. So they are done
 * for several decisions at once, in a loop each for what can be read at the same time. It is only
 * read: that something has changed when its decision comes is no harm.
 */
final class Prefetch {
  /** Fewer nodes than that are in a cache anyway: there is nothing to win. */
  static final int MANY_NODES = 2_000;

  /** Where those that are to be read are put, from 0 on: they are not looked at before. */
  final @Nullable NodeState[] nodes;

  private final @Nullable Occupant[] occupants;

  /** Written so that no compiler leaves out what is read for it. */
  private long unusedSum;

  Prefetch(int most) {
    this.nodes = new NodeState[most];
    this.occupants = new Occupant[most];
  }

  /**
   * Reads as many as {@link #nodes} has, and forgets them: what is gone is not kept in memory from
   * here.
   */
  void read(int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      NodeState node = Objects.requireNonNull(nodes[i]);
      sum += node.read();
      occupants[i] = node.lastFunction;
    }
    for (int i = 0; i < count; i++) {
      Occupant occupant = occupants[i];
      sum += occupant == null ? 0 : occupant.read();
    }
    unusedSum = sum;
    Arrays.fill(nodes, 0, count, null);
    Arrays.fill(occupants, 0, count, null);
  }
}
