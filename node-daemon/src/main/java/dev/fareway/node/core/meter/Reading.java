package dev.fareway.node.core.meter;

/**
 * What the kernel says of a pod's cgroup at one moment.
 *
 * @param cgroup which cgroup it is, told apart from a later one of the same name
 * @param atNanos when, on a clock that counts from boot and never jumps
 * @param cpuMicros CPU time that it has used so far, in microseconds
 * @param memoryBytes memory that it holds now; 0 where that is not counted
 */
public record Reading(long cgroup, long atNanos, long cpuMicros, long memoryBytes) {
  public Reading {
    if (cpuMicros < 0 || memoryBytes < 0) {
      throw new IllegalArgumentException(
          "%d µs, %d bytes: neither may be negative".formatted(cpuMicros, memoryBytes));
    }
  }
}
