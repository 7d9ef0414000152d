package dev.fareway.operator.console;

import dev.fareway.operator.shard.ShardHost;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What this replica knows of the placing. */
record OwnView(ShardHost host) {
  private static final long PATIENCE_MILLIS = 2_000;

  /**
   * Waits for the placement thread.
   *
   * @throws IOException if it does not run, or is too busy
   */
  ReplicaView view() throws IOException, InterruptedException {
    try {
      return new ReplicaView(
          host.replica(), host.view().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("placing does not run here, or is too busy to be looked at", e);
    }
  }
}
