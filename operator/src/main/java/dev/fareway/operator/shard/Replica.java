package dev.fareway.operator.shard;

import java.util.List;

/**
 * A replica of the operator, by its Leases.
 *
 * @param name its name
 * @param address where its dispatchers' port is reached, {@code host:port}; empty if it does not
 *     say
 * @param shards the shards whose Leases it holds
 */
public record Replica(String name, String address, List<Integer> shards) {
  /** Copies the list. */
  public Replica {
    shards = List.copyOf(shards);
  }
}
