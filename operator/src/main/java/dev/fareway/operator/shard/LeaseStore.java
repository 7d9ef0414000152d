package dev.fareway.operator.shard;

import java.io.IOException;
import java.util.List;

/** Where Leases stand. Every call waits for its answer, for a bounded time. */
interface LeaseStore {
  /** All Leases of shards and replicas, as they are now. */
  List<LeasePolicy.Seen> list() throws IOException;

  /**
   * What the provider has set for all replicas.
   *
   * @param shards how many shards there are to be
   * @param paused whether nothing is to be placed for now: waiting pods keep their age
   */
  record Settings(int shards, boolean paused) {}

  /** What is set now. */
  Settings settings() throws IOException;

  /**
   * Makes a Lease that this replica holds.
   *
   * @param shard the shard, or {@link LeasePolicy#MEMBER}
   * @return false if there is one already
   */
  boolean create(int shard) throws IOException;

  /**
   * Takes or renews a Lease, if it is as it was read.
   *
   * @return false if it has changed or gone
   */
  boolean hold(LeasePolicy.Seen lease) throws IOException;

  /** Makes a Lease nobody's, if it is as it was read. */
  boolean giveUp(LeasePolicy.Seen lease) throws IOException;

  /** Deletes a Lease, if it is as it was read. */
  boolean delete(LeasePolicy.Seen lease) throws IOException;
}
