package dev.fareway.simulator.scheduler;

import dev.fareway.node.core.DispatcherPolicy;
import dev.fareway.scheduler.core.ShardOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The dispatchers of all machines: each the node daemon's own policy, with the simulator in the
 * place of the streams. What they send arrives at once, whatever the latency of messages: idle
 * lists are updated in the background, so what counts of their age is small beside the time between
 * updates.
 */
final class Dispatchers {
  private static final long ANSWER_NANOS = 1_000_000_000L;

  private final FarewayScheduler scheduler;
  private final ShardHost[] shards;
  private final DispatcherPolicy[] policies;

  Dispatchers(
      FarewayScheduler scheduler,
      ShardHost[] shards,
      FarewayOptions options,
      int machines,
      RandomGenerator random) {
    this.scheduler = scheduler;
    this.shards = shards;
    this.policies = new DispatcherPolicy[machines];
    var policyOptions =
        new DispatcherPolicy.Options(options.idleMemoryBytes(), options.k(), ANSWER_NANOS);
    for (int machine = 0; machine < machines; machine++) {
      var policy = new DispatcherPolicy(policyOptions, new SplittableRandom(random.nextLong()));
      for (int shard = 0; shard < shards.length; shard++) {
        policy.connected("shard-" + shard, Set.of(shard), ShardOptions.DEFAULTS.entryTtlNanos());
      }
      policies[machine] = policy;
    }
  }

  /** Something has changed on a machine, or a second has passed. */
  void act(int machine) {
    // Twice: what a list's length was asked for is known at once, and the second time it joins.
    for (boolean again = true; again; ) {
      again = false;
      for (DispatcherPolicy.Action action : actions(machine)) {
        switch (action) {
          case DispatcherPolicy.Action.AskLengths ask -> {
            tellLengths(policies[machine], ask);
            again = true;
          }
          case DispatcherPolicy.Action.Join join -> shards[join.shard()].join(machine);
          case DispatcherPolicy.Action.Update update -> shards[update.shard()].join(machine);
          case DispatcherPolicy.Action.Leave leave -> shards[leave.shard()].leave(machine);
        }
      }
    }
  }

  private List<DispatcherPolicy.Action> actions(int machine) {
    return policies[machine].act(
        scheduler.freeBytes(machine), scheduler.functions(machine), scheduler.nowNanos());
  }

  private void tellLengths(DispatcherPolicy policy, DispatcherPolicy.Action.AskLengths ask) {
    Map<Integer, Integer> lengths = new HashMap<>();
    for (int shard : ask.shards()) {
      lengths.put(shard, shards[shard].idleListLength());
    }
    policy.lengths(ask.replica(), ask.requestId(), lengths);
  }
}
