package dev.fareway.operator.shard;

import io.fabric8.kubernetes.api.model.Node;

/**
 * Port: is told of every node as the API server tells of it, on the watch's thread: must not block.
 */
public interface NodeObserver {
  /** A node is there, or has changed. */
  void nodeChanged(Node node);

  /** A node is gone. */
  void nodeDeleted(String name);
}
