package dev.fareway.operator.console;

import dev.fareway.operator.shard.Replica;
import java.util.List;
import java.util.Map;

/** Port: asks the other replicas what they know. */
interface Peers {
  /**
   * What was told.
   *
   * @param views of those that answered
   * @param problems why others did not, by name
   */
  record Told(List<ReplicaView> views, Map<String, String> problems) {
    public Told {
      views = List.copyOf(views);
      problems = Map.copyOf(problems);
    }
  }

  /** Asks them all at once, and waits for those that answer in time. */
  Told ask(List<Replica> others) throws InterruptedException;
}
