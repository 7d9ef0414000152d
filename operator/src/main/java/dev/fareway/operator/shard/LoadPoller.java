package dev.fareway.operator.shard;

/** Asks nodes for their load, without waiting for the answer. */
public interface LoadPoller {
  /**
   * Asks a node; its answer comes as {@link ShardHost#pollAnswered}.
   *
   * @return false if it can't be asked: no session, or its stream is slow
   */
  boolean poll(String node, long pollId);
}
