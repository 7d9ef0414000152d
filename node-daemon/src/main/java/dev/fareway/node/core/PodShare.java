package dev.fareway.node.core;

/** A pod's share of the CPUs among its sibling cgroups, for its threads off real time. */
public sealed interface PodShare {
  /** As the kubelet has set it. */
  record Untouched() implements PodShare {}

  /** Only what the siblings leave, {@code cpu.idle}. */
  record Idle() implements PodShare {}

  /**
   * A share by {@code cpu.weight}.
   *
   * @param value 1 to 10,000
   */
  record Weight(int value) implements PodShare {
    public Weight {
      if (value < 1 || value > 10_000) {
        throw new IllegalArgumentException("cpu.weight %d: it must be 1 to 10000".formatted(value));
      }
    }
  }
}
