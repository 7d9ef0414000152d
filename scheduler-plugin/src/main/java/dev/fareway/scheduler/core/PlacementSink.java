package dev.fareway.scheduler.core;

import java.util.List;

/**
 * Where a shard's decisions go: the host carries them out. Called on the host's placement thread.
 */
public interface PlacementSink {
  /** How a node was found. */
  enum How {
    /** It was the best on the idle list. */
    IDLE_LIST,
    /** It was the least loaded of k that were asked. */
    POLLED,
    /**
     * It was the least loaded of k by what was known: none of them has a dispatcher to ask, or
     * there was but one to choose.
     */
    UNASKED,
    /** No node had room, and then this one had again. */
    FREED,
    /** Cheaper ones have left it for this one. */
    PREEMPTED
  }

  /** An instance was taken from its queue, and is decided about next. */
  default void considers(Instance instance) {}

  /**
   * Bind the instance to the node, then say {@link Shard#bindFailed} or, when the API server shows
   * it bound, {@link Cluster#occupy} and {@link Shard#remove}.
   */
  void bind(Instance instance, String node, How how);

  /**
   * Ask these nodes for their load, tell {@link Cluster#heard} of each answer, and after the last
   * of them or a deadline call {@link Shard#answered}, whoever was silent.
   *
   * @param nodes a view that holds until {@link Shard#answered} is called
   */
  void poll(long pollId, Instance instance, List<String> nodes);

  /**
   * No node has room for the instance, and one would without these: have them evicted, and say
   * {@link Shard#stayed} of each that could not be. That they leave, the API server shows; the
   * instance is bound then.
   *
   * @param victims none if enough are leaving that node already
   */
  void preempt(Instance instance, String node, List<Victim> victims);

  /** A node that an instance was promised has not got the room, or is gone: it waits again. */
  default void promiseEnded(Instance instance, String node) {}

  /** No node will do now; the shard tries again when nodes change. Said once for each reason. */
  void refused(Instance instance, Refusal refusal);
}
