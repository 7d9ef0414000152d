package dev.fareway.node.core;

/** What the operator of the node asks for. */
public enum Mode {
  /** Real time where the kernel allows it, else weights. */
  AUTO,
  REAL_TIME,
  WEIGHTED,
  /** Nothing is enforced. */
  OFF
}
