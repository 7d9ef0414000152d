package dev.fareway.scheduler.core;

import java.util.List;

/**
 * What a node's dispatcher says of the node.
 *
 * @param availableMemoryBytes memory that functions can still take without pressure, 0 or more
 * @param functions function instances on the node, 0 or more
 * @param countedUids instances counted in {@code functions} for the first time: their charges are
 *     taken back
 */
public record Load(long availableMemoryBytes, int functions, List<String> countedUids) {
  public Load {
    if (availableMemoryBytes < 0 || functions < 0) {
      throw new IllegalArgumentException(
          "%d bytes available, %d functions: neither may be negative"
              .formatted(availableMemoryBytes, functions));
    }
    countedUids = List.copyOf(countedUids);
  }
}
