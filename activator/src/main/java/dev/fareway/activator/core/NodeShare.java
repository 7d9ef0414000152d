package dev.fareway.activator.core;

import java.util.ArrayList;
import java.util.List;

/**
 * A node as this activator sees it: the pods that it can send to there, and how many invocations it
 * may run there at once. Over this limit all functions with pods on the node compete.
 */
final class NodeShare {
  static final int UNLIMITED = Integer.MAX_VALUE;

  final String name;
  final List<Backend> backends = new ArrayList<>();
  int limit;
  int running;

  NodeShare(String name, int limit) {
    this.name = name;
    this.limit = limit;
  }

  boolean hasRoom() {
    return running < limit;
  }

  boolean isLimited() {
    return limit != UNLIMITED;
  }
}
