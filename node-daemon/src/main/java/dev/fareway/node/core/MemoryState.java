package dev.fareway.node.core;

/** How short of memory a node is. */
public enum MemoryState {
  /** There is enough. */
  NORMAL,
  /** It gets short: the cheapest functions are pushed out to swap. */
  PRESSURE,
  /** It runs out and nothing is left to push out: the cheapest function has to go. */
  CRITICAL
}
