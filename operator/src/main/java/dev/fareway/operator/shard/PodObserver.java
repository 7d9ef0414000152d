package dev.fareway.operator.shard;

import io.fabric8.kubernetes.api.model.Pod;

/**
 * Port: is told of every pod as the API server tells of it, on the watch's thread: must not block.
 */
public interface PodObserver {
  /** A pod is there, or has changed. */
  void podChanged(Pod pod);

  /** A pod is gone. */
  void podDeleted(String namespace, String uid);
}
