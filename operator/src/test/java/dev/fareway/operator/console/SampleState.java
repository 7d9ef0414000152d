package dev.fareway.operator.console;

import dev.fareway.operator.console.ConsoleState.BudgetState;
import dev.fareway.operator.console.ConsoleState.ClassState;
import dev.fareway.operator.console.ConsoleState.DecisionState;
import dev.fareway.operator.console.ConsoleState.IdleState;
import dev.fareway.operator.console.ConsoleState.NodeState;
import dev.fareway.operator.console.ConsoleState.QueueState;
import dev.fareway.operator.console.ConsoleState.ReplicaState;
import dev.fareway.operator.console.ConsoleState.ShardState;
import dev.fareway.operator.console.ConsoleState.WaitingPod;
import java.util.ArrayList;
import java.util.List;

/** A cluster in which something of everything happens. */
final class SampleState {
  private static final long GIB = 1L << 30;
  private static final String REAL_TIME =
      "interactive and standard run under SCHED_FIFO, batch under SCHED_IDLE";

  private SampleState() {}

  static ConsoleState of(int nodes) {
    return state("2026-11-16T12:00:00Z", true, nodes(nodes), decisions());
  }

  /** Two seconds later: one more decision. */
  static ConsoleState later(int nodes) {
    var decisions = new ArrayList<DecisionState>();
    decisions.add(
        new DecisionState(
            "2026-11-16T12:00:01.500Z",
            "Placed",
            "shop",
            "late-pod",
            "standard",
            1,
            "operator-0",
            "node-5",
            0.2,
            "Fewest functions among the nodes on the idle list of shard 1: 3 there now."));
    decisions.addAll(decisions());
    return state("2026-11-16T12:00:02Z", true, nodes(nodes), decisions);
  }

  static ConsoleState withoutReplica() {
    return state("2026-11-16T12:00:00Z", false, nodes(3), decisions());
  }

  /** Everything that somebody else can name has this name. */
  static ConsoleState named(String name) {
    return new ConsoleState(
        1,
        "2026-11-16T12:00:00Z",
        name,
        List.of(new ReplicaState(name, List.of(0), false, name)),
        List.of(new ClassState(name, "0.000002", true, name, name, 1, 1, 1, 1, 1, 1, 1)),
        0,
        List.of(
            new ShardState(
                0,
                name,
                true,
                1,
                1,
                List.of(new QueueState(name, 1, 1)),
                1,
                List.of(new IdleState(name, 1, GIB)))),
        List.of(
            new NodeState(
                name, true, true, true, 1, GIB, GIB / 2, name, GIB, 0L, 0L, name, true, name)),
        List.of(new BudgetState(name, name, "1", name, "1", "1", 1, 1, 1, name, name, name)),
        0,
        List.of(new WaitingPod(name, name, name, 0, 1, name)),
        List.of(
            new DecisionState(
                "2026-11-16T12:00:00Z", name, name, name, name, 0, name, name, 1, name)));
  }

  private static ConsoleState state(
      String at, boolean reached, List<NodeState> nodes, List<DecisionState> decisions) {
    return new ConsoleState(
        1,
        at,
        "operator-0",
        List.of(
            new ReplicaState("operator-0", List.of(0, 1), true, ""),
            new ReplicaState(
                "operator-1",
                List.of(2),
                reached,
                reached ? "" : "It can't be asked at 10.0.0.7:9480: UNAVAILABLE")),
        List.of(
            new ClassState(
                "interactive", "0.000002", false, "Never", "Auto", 12, 840, 0, 0, 311, 0.018, 0.4),
            new ClassState(
                "standard",
                "0.0000015",
                true,
                "UnderPressure",
                "Auto",
                31,
                2_204,
                2,
                0.3,
                1_204,
                0.09,
                2.2),
            new ClassState(
                "batch",
                "0.0000005",
                false,
                "UnderPressure",
                "Weighted",
                7,
                6_420,
                7,
                754,
                88,
                3.4,
                61)),
        0,
        List.of(
            shard(0, "operator-0", 3),
            shard(1, "operator-0", 2),
            reached
                ? shard(2, "operator-1", 4)
                : new ShardState(2, "operator-1", false, 0, 0, List.of(), 0, List.of()),
            new ShardState(3, "", false, 0, 0, List.of(), 0, List.of())),
        nodes,
        List.of(
            new BudgetState(
                "shop",
                "shop",
                "50",
                "2026-11",
                "50.2",
                "91.7",
                100.4,
                183.4,
                51.6,
                "Exhausted",
                "Throttle",
                ""),
            new BudgetState(
                "media",
                "thumbnails",
                "20",
                "2026-11",
                "14.31",
                "27.9",
                71.6,
                139.5,
                51.6,
                "Ahead",
                "Degrade",
                ""),
            new BudgetState(
                "search", "all", "400", "2026-11", "98.4", "190.6", 24.6, 47.7, 51.6, "Within",
                "None", ""),
            new BudgetState(
                "lab",
                "odd",
                "1",
                "",
                "",
                "",
                0,
                0,
                51.6,
                "",
                "",
                "spec.degradeTo names the price class cheap, which does not exist: create it or name another")),
        0,
        waiting(),
        decisions);
  }

  private static ShardState shard(int number, String replica, int waiting) {
    var idle = new ArrayList<IdleState>();
    for (int i = 0; i < 5; i++) {
      idle.add(new IdleState("node-" + (5 * number + i), i, (48L - 3L * i) * GIB));
    }
    return new ShardState(
        number,
        replica,
        true,
        waiting,
        754,
        List.of(new QueueState("batch", waiting - 1, 754), new QueueState("standard", 1, 0.3)),
        idle.size(),
        idle);
  }

  private static List<WaitingPod> waiting() {
    var waiting = new ArrayList<WaitingPod>();
    for (int i = 0; i < 7; i++) {
      waiting.add(
          new WaitingPod(
              "media",
              "resize-" + i,
              "batch",
              i % 3,
              754 - 60.0 * i,
              i < 2
                  ? "No node has 64 CPUs: 12 nodes have less. Ask for less, or add a larger node."
                  : "12 of 12 nodes are full. It is placed when others have left."));
    }
    waiting.add(new WaitingPod("shop", "cart-7f9c", "standard", 1, 0.3, "Waits for its turn."));
    waiting.add(
        new WaitingPod("shop", "cart-77aa", "standard", 0, 0.1, "Is being bound to its node."));
    return waiting;
  }

  private static List<DecisionState> decisions() {
    return List.of(
        new DecisionState(
            "2026-11-16T11:59:59.900Z",
            "Placed",
            "shop",
            "home-5d8f-x2x7q",
            "interactive",
            0,
            "operator-0",
            "node-4",
            0.012,
            "Fewest functions among the nodes on the idle list of shard 0: 2 there now."),
        new DecisionState(
            "2026-11-16T11:59:58.100Z",
            "Preempts",
            "shop",
            "home-5d8f-8p2mn",
            "interactive",
            2,
            "operator-1",
            "node-1",
            1.2,
            "Goes to node node-1 as soon as these pods of cheaper classes have left: media/resize-19 (batch)."),
        new DecisionState(
            "2026-11-16T11:59:58.090Z",
            "Evicted",
            "media",
            "resize-19",
            "batch",
            2,
            "operator-1",
            "node-1",
            0,
            "Evicted from node node-1: pod shop/home-5d8f-8p2mn of the dearer price class interactive had no other room."),
        new DecisionState(
            "2026-11-16T11:59:50.000Z",
            "Waits",
            "media",
            "resize-0",
            "batch",
            0,
            "operator-0",
            "",
            744,
            "No node has 64 CPUs: 12 nodes have less. Ask for less, or add a larger node."));
  }

  private static List<NodeState> nodes(int count) {
    var nodes = new ArrayList<NodeState>();
    for (int i = 0; i < count; i++) {
      long total = 64 * GIB;
      nodes.add(
          switch (i) {
            case 0 ->
                new NodeState(
                    "node-0", false, true, false, null, total, null, null, null, null, null, "",
                    false, "");
            case 1 ->
                new NodeState(
                    "node-1",
                    true,
                    true,
                    true,
                    141,
                    total,
                    2 * GIB,
                    "Critical",
                    32 * GIB,
                    31 * GIB,
                    30 * GIB,
                    "RealTime",
                    true,
                    REAL_TIME);
            case 2 ->
                new NodeState(
                    "node-2",
                    true,
                    true,
                    true,
                    96,
                    total,
                    6 * GIB,
                    "Pressure",
                    32 * GIB,
                    9 * GIB,
                    8 * GIB,
                    "Weighted",
                    true,
                    "The kernel has CONFIG_RT_GROUP_SCHED and refuses real time here");
            default ->
                new NodeState(
                    "node-" + i,
                    true,
                    i != 3,
                    true,
                    i,
                    total,
                    (40L - i % 20) * GIB,
                    "Normal",
                    i % 2 * 32L * GIB,
                    0L,
                    0L,
                    "RealTime",
                    true,
                    REAL_TIME);
          });
    }
    return nodes;
  }
}
