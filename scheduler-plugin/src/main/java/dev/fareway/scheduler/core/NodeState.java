package dev.fareway.scheduler.core;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a node: its traits and room from the API server, its load from its dispatcher.
 */
final class NodeState {
  final String name;

  /**
   * Order of first appearance: the last tie-break, so that the same input gives the same answer.
   */
  final int order;

  /** Null until the API server has told of the node; its pods may be heard of before. */
  @Nullable NodeGroup group;

  int groupIndex;

  long allocatableMilliCpus;
  long allocatableMemoryBytes;
  long allocatablePods;
  long usedMilliCpus;
  long usedMemoryBytes;
  long usedPods;

  /** Function instances that the API server knows on this node, and those we have just placed. */
  int occupantFunctions;

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
  @Nullable NodeHeap heap;
  int heapIndex = -1;
  long expiresAtNanos;

  NodeState(String name, int order) {
    this.name = name;
    this.order = order;
  }

  /**
   * Running functions: what the dispatcher last said plus what was placed since; without one, the
   * pods known.
   */
  int functions() {
    return heard ? heardFunctions + chargedFunctions : occupantFunctions;
  }

  long availableMemoryBytes() {
    return Math.max(0, heardMemoryBytes - chargedMemoryBytes);
  }

  boolean hasRoomFor(Room needs) {
    return usedMilliCpus + needs.milliCpus() <= allocatableMilliCpus
        && usedMemoryBytes + needs.memoryBytes() <= allocatableMemoryBytes
        && usedPods + needs.pods() <= allocatablePods;
  }

  boolean couldEverHold(Room needs) {
    return needs.milliCpus() <= allocatableMilliCpus
        && needs.memoryBytes() <= allocatableMemoryBytes
        && needs.pods() <= allocatablePods;
  }

  /** Fewest functions, then most available memory, then order of appearance. */
  boolean isBetterThan(NodeState other) {
    int functions = functions();
    int otherFunctions = other.functions();
    if (functions != otherFunctions) {
      return functions < otherFunctions;
    }
    long memory = availableMemoryBytes();
    long otherMemory = other.availableMemoryBytes();
    return memory != otherMemory ? memory > otherMemory : order < other.order;
  }
}
