package dev.fareway.scheduler.core;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a node: its traits and room from the API server, its load from its dispatcher.
 *
 * <p>Whoever changes what {@link #functions}, {@link #availableMemoryBytes} or {@link #brief} are
 * made of calls {@link #weigh} before the next comparison.
 *
 * <p>Shaped by speed: with many nodes, none is in a cache when it is drawn. So a node has its books
 * in itself rather than beside it, and a decision reads and writes one object, of about two lines
 * of memory.
 */
final class NodeState extends NodeBooks {
  /** Memory counts in the order up to 256 TiB less a byte, functions up to 32,767. */
  static final int MEMORY_BITS = 48;

  static final long MOST_MEMORY = (1L << MEMORY_BITS) - 1;
  static final int MOST_FUNCTIONS = 0x7fff;

  final String name;

  /**
   * Order of first appearance: the last tie-break, so that the same input gives the same answer.
   */
  final int order;

  /** Null until the API server has told of the node; its pods may be heard of before. */
  @Nullable NodeGroup group;

  int groupIndex;
  NodeTraits traits = NodeTraits.PLAIN;
  Map<String, String> labels = Map.of();

  /**
   * Function instances that the API server knows on this node, and those we have just placed; the
   * last that came, and from it on the others.
   */
  @Nullable Occupant lastFunction;

  int functionCount;

  /**
   * Whether a dispatcher is in session: then loads are its own word, plus what was placed since.
   */
  boolean reachable;

  boolean heard;
  int heardFunctions;
  long heardMemoryBytes;
  int chargedFunctions;
  long chargedMemoryBytes;

  @Nullable IdleList list;
  @Nullable NodeBuckets buckets;
  int bucketKey = -1;
  int bucketIndex;
  long expiresAtNanos;

  NodeState(String name, int order) {
    this.name = name;
    this.order = order;
    weigh();
  }

  /**
   * Running functions: what the dispatcher last said plus what was placed since; without one, the
   * pods known.
   */
  int functions() {
    return heard ? heardFunctions + chargedFunctions : functionCount;
  }

  /** What functions can still take: by the dispatcher's word, else what nobody has requested. */
  long availableMemoryBytes() {
    return heard ? Math.max(0, heardMemoryBytes - chargedMemoryBytes) : freeMemoryBytes();
  }

  void weigh() {
    weight =
        (long) Math.min(functions(), MOST_FUNCTIONS) << MEMORY_BITS
            | MOST_MEMORY - Math.min(availableMemoryBytes(), MOST_MEMORY);
    if (group != null) {
      group.changed(this);
    }
    if (buckets != null) {
      buckets.moved(this);
    }
  }

  /**
   * Reads something of each line of memory that the node takes, so that they are in a cache.
   *
   * @return a number made of what was read, of no meaning
   */
  long read() {
    return freeMemoryBytes() + (buckets == null ? 1 : 0) + (heard ? 1 : 0);
  }

  /** What room there is, and whether it can be asked, in brief. */
  long brief() {
    return brief(reachable);
  }

  /** Writes to the one before it, and reads none: they are in no cache. */
  void addFunction(Occupant occupant) {
    Occupant before = lastFunction;
    occupant.beforeOnNode = before;
    if (before != null) {
      before.afterOnNode = occupant;
    }
    lastFunction = occupant;
    functionCount++;
  }

  /** Writes to those before and after it, and reads none. */
  void removeFunction(Occupant occupant) {
    Occupant before = occupant.beforeOnNode;
    Occupant after = occupant.afterOnNode;
    if (before != null) {
      before.afterOnNode = after;
    }
    if (after != null) {
      after.beforeOnNode = before;
    } else {
      lastFunction = before;
    }
    occupant.beforeOnNode = null;
    occupant.afterOnNode = null;
    functionCount--;
  }

  /** Fewest functions, then most available memory, then order of appearance. */
  boolean isBetterThan(NodeState other) {
    return weight != other.weight ? weight < other.weight : order < other.order;
  }

  /** The same with a preference between the number of functions and the memory. */
  boolean isBetterThan(NodeState other, int score, int otherScore) {
    if (score != otherScore && weight >>> MEMORY_BITS == other.weight >>> MEMORY_BITS) {
      return score > otherScore;
    }
    return isBetterThan(other);
  }
}
