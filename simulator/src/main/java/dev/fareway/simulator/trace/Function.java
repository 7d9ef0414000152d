package dev.fareway.simulator.trace;

import org.jspecify.annotations.Nullable;

/**
 * What a trace tells of a function as a whole.
 *
 * @param trigger who calls it
 * @param runtimeNanos by quantile; null: not told
 * @param memoryBytes by quantile; null: not told
 */
record Function(
    Trigger trigger, @Nullable Quantiles runtimeNanos, @Nullable Quantiles memoryBytes) {
  /** Whether someone waits for the answer. */
  enum Trigger {
    HTTP,
    OTHER,
    UNKNOWN
  }
}
