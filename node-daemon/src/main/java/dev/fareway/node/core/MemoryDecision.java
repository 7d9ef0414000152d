package dev.fareway.node.core;

import java.util.List;

/**
 * What is to be done about a node's memory now.
 *
 * @param front the highest rank that the kernel may swap by itself, -1 for none: dearer ones are
 *     kept out of swap
 * @param actions in this order
 */
public record MemoryDecision(MemoryState state, int front, List<MemoryAction> actions) {
  public MemoryDecision {
    actions = List.copyOf(actions);
  }

  /** Whether the kernel may swap a function's memory. */
  public boolean maySwap(int rank, boolean swappable) {
    return swappable && rank <= front;
  }
}
