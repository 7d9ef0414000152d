package dev.fareway.operator.console;

import dev.fareway.crds.Money;
import dev.fareway.operator.console.ConsoleState.BudgetState;
import dev.fareway.operator.console.ConsoleState.ClassState;
import dev.fareway.operator.console.ConsoleState.DecisionState;
import dev.fareway.operator.console.ConsoleState.IdleState;
import dev.fareway.operator.console.ConsoleState.NodeState;
import dev.fareway.operator.console.ConsoleState.QueueState;
import dev.fareway.operator.console.ConsoleState.ReplicaState;
import dev.fareway.operator.console.ConsoleState.ShardState;
import dev.fareway.operator.console.ConsoleState.WaitingPod;
import dev.fareway.operator.dispatcher.NodeReport;
import dev.fareway.operator.shard.Decision;
import dev.fareway.operator.shard.PlacementView;
import dev.fareway.operator.shard.PlacementView.OfClass;
import dev.fareway.operator.shard.PlacementView.OfShard;
import dev.fareway.operator.shard.PlacementView.Queue;
import dev.fareway.operator.shard.Replica;
import dev.fareway.scheduler.core.IdleNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts together what each replica knows to what is shown. Pure.
 *
 * <p>Every replica knows all classes and all that waits, but only the owner of a shard knows its
 * queue's order, its idle list, and what it decided. Where two replicas say something of one shard,
 * as while it is handed over, the one counts that holds its Lease.
 */
final class Whole {
  private static final int MOST_DECISIONS = 500;
  private static final double NANOS = 1e9;

  /**
   * What is known.
   *
   * @param own what this replica knows
   * @param others what other replicas have told
   * @param problems why those did not that have not, by name
   * @param replicas who there is, by the Leases
   * @param sessions nodes whose daemons are in session with this replica
   * @param reports what daemons say of their nodes, by node
   */
  record Parts(
      ReplicaView own,
      List<ReplicaView> others,
      Map<String, String> problems,
      List<Replica> replicas,
      Collection<NodeFacts> nodes,
      Set<String> sessions,
      Map<String, NodeReport> reports,
      BudgetBoard.Read budgets) {}

  private final Parts parts;
  private final Map<String, ReplicaView> views = new TreeMap<>();

  private Whole(Parts parts) {
    this.parts = parts;
    parts.others.forEach(view -> views.put(view.replica(), view));
    views.put(parts.own.replica(), parts.own);
  }

  static ConsoleState of(Parts parts, Instant now) {
    return new Whole(parts).state(now);
  }

  private ConsoleState state(Instant now) {
    PlacementView own = parts.own.placement();
    return new ConsoleState(
        ConsoleState.FORMAT,
        now.toString(),
        parts.own.replica(),
        replicas(),
        own.classes().stream().map(this::priceClass).toList(),
        own.unclassified(),
        shards(),
        nodes(),
        parts.budgets.budgets().stream()
            .sorted(
                Comparator.comparingDouble(BudgetState::spentPercent)
                    .reversed()
                    .thenComparing(BudgetState::namespace)
                    .thenComparing(BudgetState::name))
            .toList(),
        parts.budgets.leftOut(),
        waiting(),
        decisions());
  }

  private List<ReplicaState> replicas() {
    var all = new TreeMap<String, ReplicaState>();
    // Before it has read the Leases for the first time it is not among them.
    all.put(
        parts.own.replica(),
        new ReplicaState(
            parts.own.replica(),
            parts.own.placement().shards().stream().map(OfShard::number).toList(),
            true,
            ""));
    for (Replica replica : parts.replicas) {
      boolean reached = views.containsKey(replica.name());
      all.put(
          replica.name(),
          new ReplicaState(
              replica.name(),
              replica.shards(),
              reached,
              reached
                  ? ""
                  : parts.problems.getOrDefault(replica.name(), "It has not answered yet.")));
    }
    return List.copyOf(all.values());
  }

  private ClassState priceClass(OfClass of) {
    int placed = 0;
    double waited = 0;
    long longest = 0;
    for (ReplicaView view : views.values()) {
      for (OfClass same : view.placement().classes()) {
        if (same.name().equals(of.name())) {
          placed += same.placedLastMinute();
          waited += (double) same.meanWaitNanos() * same.placedLastMinute();
          longest = Math.max(longest, same.longestPlacedWaitNanos());
        }
      }
    }
    return new ClassState(
        of.name(),
        of.priceNanoUnits() == 0 ? "" : new Money(of.priceNanoUnits()).toString(),
        of.isDefault(),
        of.swap(),
        of.cpu(),
        of.functions(),
        of.instances(),
        of.queued(),
        seconds(of.longestWaitNanos()),
        placed,
        placed == 0 ? 0 : seconds((long) (waited / placed)),
        seconds(longest));
  }

  /** Who holds a shard, as far as that is known: by the Leases, else by what is told. */
  private @Nullable String holder(int shard) {
    for (Replica replica : parts.replicas) {
      if (replica.shards().contains(shard)) {
        return replica.name();
      }
    }
    for (ReplicaView view : views.values()) {
      if (view.placement().shards().stream().anyMatch(of -> of.number() == shard)) {
        return view.replica();
      }
    }
    return null;
  }

  private List<ShardState> shards() {
    var shards = new ArrayList<ShardState>();
    for (int shard = 0; shard < parts.own.placement().shardCount(); shard++) {
      String holder = holder(shard);
      OfShard known = null;
      ReplicaView view = holder == null ? null : views.get(holder);
      if (view != null) {
        for (OfShard of : view.placement().shards()) {
          if (of.number() == shard) {
            known = of;
          }
        }
      }
      String replica = holder == null ? "" : holder;
      shards.add(
          known == null
              ? new ShardState(shard, replica, false, 0, 0, List.of(), 0, List.of())
              : shard(known, replica));
    }
    return shards;
  }

  private static ShardState shard(OfShard of, String replica) {
    int waiting = 0;
    long longest = 0;
    for (Queue queue : of.queues()) {
      waiting += queue.waiting();
      longest = Math.max(longest, queue.longestWaitNanos());
    }
    return new ShardState(
        of.number(),
        replica,
        true,
        waiting,
        seconds(longest),
        of.queues().stream()
            .map(
                queue ->
                    new QueueState(
                        queue.priceClass(), queue.waiting(), seconds(queue.longestWaitNanos())))
            .toList(),
        of.idleNodes(),
        of.idle().stream()
            .map(node -> new IdleState(node.name(), node.functions(), node.availableMemoryBytes()))
            .toList());
  }

  private List<NodeState> nodes() {
    var idle = new HashMap<String, IdleNode>();
    for (ReplicaView view : views.values()) {
      for (OfShard shard : view.placement().shards()) {
        shard.idle().forEach(node -> idle.put(node.name(), node));
      }
    }
    return parts.nodes.stream()
        .sorted(Comparator.comparing(NodeFacts::name))
        .map(node -> node(node, parts.reports.get(node.name()), idle.get(node.name())))
        .toList();
  }

  private NodeState node(NodeFacts facts, @Nullable NodeReport report, @Nullable IdleNode idle) {
    Long total = facts.memoryBytes() == 0 ? null : (Long) facts.memoryBytes();
    boolean connected = parts.sessions.contains(facts.name());
    if (report == null) {
      return new NodeState(
          facts.name(),
          facts.ready(),
          facts.schedulable(),
          connected,
          idle == null ? null : (Integer) idle.functions(),
          total,
          idle == null ? null : (Long) idle.availableMemoryBytes(),
          null,
          null,
          null,
          null,
          facts.enforcement(),
          facts.enforced(),
          facts.enforcementMessage());
    }
    return new NodeState(
        facts.name(),
        facts.ready(),
        facts.schedulable(),
        connected,
        report.functions(),
        report.memoryTotalBytes(),
        report.memoryAvailableBytes(),
        report.memoryState().isEmpty() ? null : report.memoryState(),
        report.swapTotalBytes(),
        report.swapUsedBytes(),
        report.functionsSwappedBytes(),
        facts.enforcement(),
        facts.enforced(),
        facts.enforcementMessage());
  }

  private List<WaitingPod> waiting() {
    var prices = new HashMap<String, Long>();
    parts.own.placement().classes().forEach(of -> prices.put(of.name(), of.priceNanoUnits()));
    var all = new ArrayList<PlacementView.WaitingPod>();
    views.values().forEach(view -> all.addAll(view.placement().waiting()));
    return all.stream()
        .sorted(
            Comparator.comparingDouble(
                    (PlacementView.WaitingPod pod) ->
                        (double) prices.getOrDefault(pod.priceClass(), 0L) * pod.waitedNanos())
                .reversed())
        .map(
            pod ->
                new WaitingPod(
                    pod.namespace(),
                    pod.pod(),
                    pod.priceClass(),
                    pod.shard(),
                    seconds(pod.waitedNanos()),
                    pod.reason()))
        .toList();
  }

  private record Made(Decision decision, String replica) {}

  private List<DecisionState> decisions() {
    var all = new ArrayList<Made>();
    for (ReplicaView view : views.values()) {
      view.placement().decisions().forEach(decision -> all.add(new Made(decision, view.replica())));
    }
    return all.stream()
        .sorted(Comparator.comparingLong((Made made) -> made.decision.atMillis()).reversed())
        .limit(MOST_DECISIONS)
        .map(made -> decision(made.decision, made.replica))
        .toList();
  }

  private static DecisionState decision(Decision of, String replica) {
    return new DecisionState(
        Instant.ofEpochMilli(of.atMillis()).toString(),
        switch (of.kind()) {
          case PLACED -> "Placed";
          case WAITS -> "Waits";
          case PREEMPTS -> "Preempts";
          case EVICTED -> "Evicted";
          case BINDING_FAILED -> "BindingFailed";
          case BINDING_REFUSED -> "BindingRefused";
        },
        of.namespace(),
        of.pod(),
        of.priceClass(),
        of.shard(),
        replica,
        of.node(),
        seconds(of.waitedNanos()),
        of.reason());
  }

  /** To the millisecond. */
  private static double seconds(long nanos) {
    return Math.round(nanos / NANOS * 1_000) / 1_000.0;
  }
}
