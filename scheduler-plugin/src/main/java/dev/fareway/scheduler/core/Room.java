package dev.fareway.scheduler.core;

import java.util.List;
import java.util.Map;

/**
 * What an instance declares to need, or a node has: compared by Kubernetes' own rules, apart from
 * the load.
 *
 * @param milliCpus thousandths of a CPU, 0 or more
 * @param memoryBytes bytes, 0 or more
 * @param pods number of pods, 0 or more
 * @param others amounts of everything else that is counted (devices, ephemeral storage, huge
 *     pages), by name, each 0 or more
 * @param hostPorts ports of the node that the pod takes; none for a node
 */
public record Room(
    long milliCpus,
    long memoryBytes,
    long pods,
    Map<String, Long> others,
    List<HostPort> hostPorts) {
  /** What a pod needs that declares nothing. */
  public static final Room ONE_POD = new Room(0, 0, 1);

  /** What a node has of which nothing was heard yet. */
  static final Room NONE = new Room(0, 0, 0);

  public Room {
    if (milliCpus < 0 || memoryBytes < 0 || pods < 0) {
      throw new IllegalArgumentException(
          "milliCpus %d, memoryBytes %d, pods %d: none may be negative"
              .formatted(milliCpus, memoryBytes, pods));
    }
    for (var other : others.entrySet()) {
      if (other.getValue() < 0) {
        throw new IllegalArgumentException(
            "%s is %d, it may not be negative".formatted(other.getKey(), other.getValue()));
      }
    }
    others = Map.copyOf(others);
    hostPorts = List.copyOf(hostPorts);
  }

  /** Room of the common kinds only. */
  public Room(long milliCpus, long memoryBytes, long pods) {
    this(milliCpus, memoryBytes, pods, Map.of(), List.of());
  }

  /** Whether it is only CPU, memory and pods: most pods are, and cost no look at maps. */
  boolean isPlain() {
    return others.isEmpty() && hostPorts.isEmpty();
  }
}
