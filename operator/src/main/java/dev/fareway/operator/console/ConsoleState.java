package dev.fareway.operator.console;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code GET /console/state} answers, as JSON; docs/console.md describes it for its readers.
 * Times are ISO 8601 in UTC, waits are seconds, memory is bytes, money is decimal digits of the
 * cluster's currency unit.
 *
 * @param format 1; fields may be added within a format, never change their meaning
 * @param at when it was put together
 * @param replica who put it together
 * @param replicas all replicas of the operator, and whether they could be asked
 * @param classes the price classes, the dearest first
 * @param unclassified pods that wait without a price class, because theirs does not exist
 * @param shards all shards
 * @param nodes all nodes, by name
 * @param budgets budgets, the one that has spent the greatest part of its limit first
 * @param budgetsLeftOut how many more there are
 * @param waiting pods that wait for a node, the next in turn first; at most 200 of each replica
 * @param decisions what was decided lately, the latest first; at most 500
 */
record ConsoleState(
    int format,
    String at,
    String replica,
    List<ReplicaState> replicas,
    List<ClassState> classes,
    int unclassified,
    List<ShardState> shards,
    List<NodeState> nodes,
    List<BudgetState> budgets,
    long budgetsLeftOut,
    List<WaitingPod> waiting,
    List<DecisionState> decisions) {

  static final int FORMAT = 1;

  ConsoleState {
    replicas = List.copyOf(replicas);
    classes = List.copyOf(classes);
    shards = List.copyOf(shards);
    nodes = List.copyOf(nodes);
    budgets = List.copyOf(budgets);
    waiting = List.copyOf(waiting);
    decisions = List.copyOf(decisions);
  }

  /**
   * A replica of the operator.
   *
   * @param shards those whose Leases it holds
   * @param reached whether what it knows is in here
   * @param problem why not; empty if it is
   */
  record ReplicaState(String name, List<Integer> shards, boolean reached, String problem) {}

  /**
   * A price class.
   *
   * @param pricePerCpuSecond empty if what the class says is no price
   * @param isDefault whether it is that of functions which name none
   * @param swap UnderPressure or Never
   * @param cpu Auto, RealTime or Weighted
   * @param functions distinct functions
   * @param instances instances on a node
   * @param waiting instances that wait for one
   * @param longestWaitSeconds of those
   * @param placedLastMinute instances placed in the last minute, by the replicas reached
   * @param meanWaitSeconds how long those had waited on average
   * @param maxWaitSeconds and at most
   */
  record ClassState(
      String name,
      String pricePerCpuSecond,
      boolean isDefault,
      String swap,
      String cpu,
      int functions,
      int instances,
      int waiting,
      double longestWaitSeconds,
      int placedLastMinute,
      double meanWaitSeconds,
      double maxWaitSeconds) {}

  /**
   * A shard.
   *
   * @param replica who holds it; empty: nobody now
   * @param known whether what is in it is known here
   * @param waiting instances that wait in it
   * @param longestWaitSeconds of those
   * @param queues the same by class
   * @param idleNodes nodes on its idle list
   * @param idle some of them, the best first; at most 100
   */
  record ShardState(
      int shard,
      String replica,
      boolean known,
      int waiting,
      double longestWaitSeconds,
      List<QueueState> queues,
      int idleNodes,
      List<IdleState> idle) {}

  /** One class in a shard's queue. */
  record QueueState(String priceClass, int waiting, double longestWaitSeconds) {}

  /** A node on an idle list. */
  record IdleState(String node, int functions, long availableMemoryBytes) {}

  /**
   * A node. What its daemon says is null while it is not in session, or is too old to say so.
   *
   * @param ready whether Kubernetes counts it as ready
   * @param schedulable whether it takes new pods
   * @param connected whether its daemon is in session with the replica that put this together
   * @param functions function instances on it
   * @param memoryTotalBytes as the daemon says, else its capacity
   * @param memoryAvailableBytes what can be taken without pressure
   * @param memoryState Normal, Pressure or Critical; null: functions' memory is not managed there
   * @param swapTotalBytes all its swap; 0: it has none
   * @param swapUsedBytes what is taken of it
   * @param functionsSwappedBytes functions' memory among that
   * @param enforcement how classes are enforced on its CPUs: the reason of the Node's condition
   *     FarewayEnforcement; empty: no daemon has said
   * @param enforced whether they are
   * @param enforcementMessage why so
   */
  record NodeState(
      String name,
      boolean ready,
      boolean schedulable,
      boolean connected,
      @Nullable Integer functions,
      @Nullable Long memoryTotalBytes,
      @Nullable Long memoryAvailableBytes,
      @Nullable String memoryState,
      @Nullable Long swapTotalBytes,
      @Nullable Long swapUsedBytes,
      @Nullable Long functionsSwappedBytes,
      String enforcement,
      boolean enforced,
      String enforcementMessage) {}

  /**
   * A budget.
   *
   * @param period its month, as 2026-11; empty while it was not judged
   * @param spent so far in the period
   * @param forecast by its end
   * @param spentPercent of the limit
   * @param forecastPercent of the limit
   * @param monthPercent how much of the month is over
   * @param state Within, Ahead or Exhausted; empty while it was not judged
   * @param action what is in force: None, Degrade or Throttle; empty while it was not judged
   * @param problem what is wrong with it; empty: nothing
   */
  record BudgetState(
      String namespace,
      String name,
      String limit,
      String period,
      String spent,
      String forecast,
      double spentPercent,
      double forecastPercent,
      double monthPercent,
      String state,
      String action,
      String problem) {}

  /** A pod that waits for a node; the reason is in words. */
  record WaitingPod(
      String namespace,
      String pod,
      String priceClass,
      int shard,
      double waitSeconds,
      String reason) {}

  /**
   * A decision.
   *
   * @param kind Placed, Waits, Preempts, Evicted, BindingFailed or BindingRefused
   * @param replica who decided
   * @param node where to, or from where; empty if nowhere
   * @param waitSeconds how long the pod had waited
   * @param reason in words
   */
  record DecisionState(
      String at,
      String kind,
      String namespace,
      String pod,
      String priceClass,
      int shard,
      String replica,
      String node,
      double waitSeconds,
      String reason) {}
}
