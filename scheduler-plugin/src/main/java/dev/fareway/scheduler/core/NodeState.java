package dev.fareway.scheduler.core;

import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a node: its traits and room from the API server, its load from its dispatcher.
 *
 * <p>Whoever changes what {@link #functions} or {@link #availableMemoryBytes} are made of calls
 * {@link #weigh} before the next comparison.
 */
final class NodeState {
  /** Memory counts in the order up to 256 TiB less a byte, functions up to 32,767. */
  private static final long MOST_MEMORY = (1L << 48) - 1;

  private static final int MOST_FUNCTIONS = 0x7fff;

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
  final NodeBooks books = new NodeBooks();

  /** Function instances that the API server knows on this node, and those we have just placed. */
  final ArrayList<Occupant> functions = new ArrayList<>(0);

  /**
   * Whether a dispatcher is in session: then loads are its own word, plus what was placed since.
   */
  boolean reachable;

  boolean heard;
  int heardFunctions;
  long heardMemoryBytes;
  int chargedFunctions;
  long chargedMemoryBytes;

  /**
   * The order of choice as one number, less is better: functions in the upper bits, then what of
   * the most memory is missing.
   */
  long weight;

  @Nullable IdleList list;
  @Nullable NodeHeap heap;
  int heapIndex = -1;
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
    return heard ? heardFunctions + chargedFunctions : functions.size();
  }

  /** What functions can still take: by the dispatcher's word, else what nobody has requested. */
  long availableMemoryBytes() {
    return heard ? Math.max(0, heardMemoryBytes - chargedMemoryBytes) : books.freeMemoryBytes();
  }

  void weigh() {
    weight =
        (long) Math.min(functions(), MOST_FUNCTIONS) << 48
            | MOST_MEMORY - Math.min(availableMemoryBytes(), MOST_MEMORY);
    if (heap != null) {
      heap.moved(this);
    }
  }

  void addFunction(Occupant occupant) {
    occupant.nodeIndex = functions.size();
    functions.add(occupant);
  }

  void removeFunction(Occupant occupant) {
    Occupant last = functions.removeLast();
    if (last != occupant) {
      functions.set(occupant.nodeIndex, last);
      last.nodeIndex = occupant.nodeIndex;
    }
  }

  /** Fewest functions, then most available memory, then order of appearance. */
  boolean isBetterThan(NodeState other) {
    return weight != other.weight ? weight < other.weight : order < other.order;
  }

  /** The same with a preference between the number of functions and the memory. */
  boolean isBetterThan(NodeState other, int score, int otherScore) {
    if (score != otherScore && weight >>> 48 == other.weight >>> 48) {
      return score > otherScore;
    }
    return isBetterThan(other);
  }
}
