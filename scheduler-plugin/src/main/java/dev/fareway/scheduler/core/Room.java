package dev.fareway.scheduler.core;

/**
 * What an instance declares to need, or a node has: compared by Kubernetes' own rules, apart from
 * the load.
 *
 * @param milliCpus thousandths of a CPU, 0 or more
 * @param memoryBytes bytes, 0 or more
 * @param pods number of pods, 0 or more
 */
public record Room(long milliCpus, long memoryBytes, long pods) {
  /** What a pod needs that declares nothing. */
  public static final Room ONE_POD = new Room(0, 0, 1);

  public Room {
    if (milliCpus < 0 || memoryBytes < 0 || pods < 0) {
      throw new IllegalArgumentException(
          "milliCpus %d, memoryBytes %d, pods %d: none may be negative"
              .formatted(milliCpus, memoryBytes, pods));
    }
  }
}
