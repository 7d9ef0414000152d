package dev.fareway.activator.core;

/**
 * How many invocations one activator runs at once on a node.
 *
 * @param perCpu how many on each allocatable CPU, over all activators; 0: no limit
 * @param activators how many activators share that
 */
public record NodeLimits(int perCpu, int activators) {
  public NodeLimits {
    if (perCpu < 0 || activators < 1) {
      throw new IllegalArgumentException(
          "%d invocations a CPU over %d activators".formatted(perCpu, activators));
    }
  }

  /** Whether there is a limit at all. */
  public boolean isLimited() {
    return perCpu > 0;
  }

  /** This activator's share on a node: rounded up, 1 or more. */
  public int of(int milliCpu) {
    long all = Math.ceilDiv((long) milliCpu * perCpu, 1000);
    return Math.clamp(Math.ceilDiv(all, activators), 1, Integer.MAX_VALUE);
  }
}
