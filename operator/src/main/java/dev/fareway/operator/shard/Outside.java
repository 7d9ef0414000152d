package dev.fareway.operator.shard;

import java.time.Instant;
import java.util.function.Consumer;

/**
 * What {@link Placement} has done for it. Nothing here waits; what ends later is told on the
 * placement thread, never within the call.
 */
interface Outside {
  /** What became of an eviction. */
  enum Eviction {
    /** It is ending, or was gone already. */
    LEAVES,
    /** A disruption budget protects it for now. */
    PROTECTED,
    /** The API server is throttled, failing or silent. */
    FAILED
  }

  /** The time of day. */
  Instant now();

  /** Asks a node for its load; see {@link LoadPoller#poll}. */
  boolean poll(String node, long pollId);

  /** Writes a binding. */
  void bind(PodRef pod, String node, Consumer<Binder.Outcome> done);

  /** Asks a pod to end, as far as disruption budgets let it. */
  void evict(PodRef pod, Consumer<Eviction> done);

  /**
   * Tells the pod's owner why it waits.
   *
   * @param reason one word, for the Event
   */
  void waits(PodRef pod, String reason, String message);

  /** What was to be said of a waiting pod is not true any more. */
  void unsay(String uid);

  /** Tells that the pod has a node as soon as others have left it. */
  void nominated(PodRef pod, String node, String message);

  /** Tells the pod's owner why it is asked to end. */
  void preempted(PodRef pod, String message);
}
