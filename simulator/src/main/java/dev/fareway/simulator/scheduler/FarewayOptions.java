package dev.fareway.simulator.scheduler;

import dev.fareway.scheduler.core.QueueDiscipline;
import java.util.List;

/**
 * How Fareway's scheduler is set up in a simulation.
 *
 * @param shards how many shards, each an operator replica of its own, 1 or more
 * @param k choices of a poll and of a dispatcher, 1 or more
 * @param discipline which head of the queue is next
 * @param idleList whether dispatchers join idle lists
 * @param idleMemoryBytes a machine joins at or above so much free memory
 * @param memoryEstimateBytes charged to a machine until its dispatcher has counted the function
 * @param decisionNanos how long a shard takes to decide about one function, 0 or more; at 0, as in
 *     the paper, nothing ever waits in its queue
 * @param pricesNanoUnits prices of the classes, the cheapest first
 */
public record FarewayOptions(
    int shards,
    int k,
    QueueDiscipline discipline,
    boolean idleList,
    long idleMemoryBytes,
    long memoryEstimateBytes,
    long decisionNanos,
    List<Long> pricesNanoUnits) {
  public FarewayOptions {
    pricesNanoUnits = List.copyOf(pricesNanoUnits);
    if (shards < 1 || k < 1 || decisionNanos < 0) {
      throw new IllegalArgumentException(
          "shards %d, k %d, decisionNanos %d: out of range".formatted(shards, k, decisionNanos));
    }
  }

  /** The same with another number of shards. */
  public FarewayOptions withShards(int other) {
    return new FarewayOptions(
        other,
        k,
        discipline,
        idleList,
        idleMemoryBytes,
        memoryEstimateBytes,
        decisionNanos,
        pricesNanoUnits);
  }

  /** The same with another number of choices. */
  public FarewayOptions withK(int other) {
    return new FarewayOptions(
        shards,
        other,
        discipline,
        idleList,
        idleMemoryBytes,
        memoryEstimateBytes,
        decisionNanos,
        pricesNanoUnits);
  }

  /** The same with another queue discipline. */
  public FarewayOptions withDiscipline(QueueDiscipline other) {
    return new FarewayOptions(
        shards,
        k,
        other,
        idleList,
        idleMemoryBytes,
        memoryEstimateBytes,
        decisionNanos,
        pricesNanoUnits);
  }

  /** The same with idle lists in use or not. */
  public FarewayOptions withIdleList(boolean other) {
    return new FarewayOptions(
        shards,
        k,
        discipline,
        other,
        idleMemoryBytes,
        memoryEstimateBytes,
        decisionNanos,
        pricesNanoUnits);
  }

  /** The same with quicker or slower shards. */
  public FarewayOptions withDecisionNanos(long other) {
    return new FarewayOptions(
        shards,
        k,
        discipline,
        idleList,
        idleMemoryBytes,
        memoryEstimateBytes,
        other,
        pricesNanoUnits);
  }
}
