package dev.fareway.operator.archive;

import java.time.Instant;
import java.util.Set;

/**
 * What is needed of a {@code NodeUsage} to decide whether it may go.
 *
 * @param version resource version
 * @param written when it was last written, by the API server's clock, as far as that is known
 * @param namespaces that it has usage of
 */
record NodeObject(String name, String version, Instant written, Set<String> namespaces) {
  NodeObject {
    namespaces = Set.copyOf(namespaces);
  }
}
