package dev.fareway.activator.core;

/** Why an invocation is turned away without having run. */
public enum Refusal {
  /** Its class has as many waiting as it may. */
  CLASS_QUEUE_FULL,
  /** As many wait over all classes as may, and it is among the cheapest and the youngest. */
  QUEUE_FULL,
  /** Its function is gone. */
  FUNCTION_GONE
}
