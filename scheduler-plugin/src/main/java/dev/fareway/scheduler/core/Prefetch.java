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

  private final @Nullable NodeState[] nodes;
  private final @Nullable Occupant[] occupants;
  private int count;

  /** Written so that no compiler leaves out what is read for it. */
  private long unusedSum;

  Prefetch(int most) {
    this.nodes = new NodeState[most];
    this.occupants = new Occupant[most];
  }

  boolean isFull() {
    return count == nodes.length;
  }

  /** Adds a node that is to be read; does not look at it yet. */
  void add(NodeState node) {
    nodes[count++] = node;
  }

  /** Reads all that were added, and forgets them: what is gone is not kept in memory from here. */
  void read() {
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
    count = 0;
  }
}
