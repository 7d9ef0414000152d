package dev.fareway.operator.shard;

import dev.fareway.scheduler.core.IdleNode;
import java.util.List;

/**
 * What one replica knows of the placing at one moment, to be shown to people.
 *
 * @param shardCount how many shards there are in all
 * @param classes the price classes, over the whole cluster
 * @param unclassified pods that wait without a price class, over the whole cluster
 * @param shards the shards held here
 * @param waiting those of them that wait, the next by price times wait first, at most {@link
 *     #MOST_WAITING}
 * @param decisions what was decided here lately, the latest first
 */
public record PlacementView(
    int shardCount,
    List<OfClass> classes,
    int unclassified,
    List<OfShard> shards,
    List<WaitingPod> waiting,
    List<Decision> decisions) {
  /** How many waiting pods are named. */
  public static final int MOST_WAITING = 200;

  /** How many nodes of an idle list are named. */
  public static final int MOST_IDLE = 100;

  /** Copies the lists. */
  public PlacementView {
    classes = List.copyOf(classes);
    shards = List.copyOf(shards);
    waiting = List.copyOf(waiting);
    decisions = List.copyOf(decisions);
  }

  /**
   * A price class.
   *
   * @param name its name
   * @param priceNanoUnits of a CPU second; 0 if what it says is no price
   * @param isDefault whether it is that of functions which name none
   * @param swap whether its memory may be swapped, as it is written
   * @param cpu how it is to be enforced, as it is written
   * @param functions distinct functions
   * @param instances instances on a node
   * @param queued instances that wait for one
   * @param longestWaitNanos of those that wait now
   * @param placedLastMinute instances placed by this replica in the last minute
   * @param meanWaitNanos how long those had waited on average
   * @param longestPlacedWaitNanos and at most
   */
  public record OfClass(
      String name,
      long priceNanoUnits,
      boolean isDefault,
      String swap,
      String cpu,
      int functions,
      int instances,
      int queued,
      long longestWaitNanos,
      int placedLastMinute,
      long meanWaitNanos,
      long longestPlacedWaitNanos) {}

  /**
   * A shard that is held here.
   *
   * @param number which
   * @param queues how many wait in it, by class
   * @param idleNodes how many nodes are on its idle list
   * @param idle some of them, the best first, at most {@link #MOST_IDLE}
   */
  public record OfShard(int number, List<Queue> queues, int idleNodes, List<IdleNode> idle) {
    /** Copies the lists. */
    public OfShard {
      queues = List.copyOf(queues);
      idle = List.copyOf(idle);
    }
  }

  /**
   * One class in a shard's queue.
   *
   * @param priceClass its name; empty for pods that have none
   * @param waiting how many wait
   * @param longestWaitNanos of them
   */
  public record Queue(String priceClass, int waiting, long longestWaitNanos) {}

  /**
   * A pod that waits for a node.
   *
   * @param namespace its namespace
   * @param pod its name
   * @param priceClass the class it waits in; empty if it has none
   * @param shard its shard
   * @param waitedNanos since its creation
   * @param reason why, in words
   */
  public record WaitingPod(
      String namespace,
      String pod,
      String priceClass,
      int shard,
      long waitedNanos,
      String reason) {}
}
