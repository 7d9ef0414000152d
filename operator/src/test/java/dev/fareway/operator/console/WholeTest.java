package dev.fareway.operator.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fareway.operator.console.ConsoleState.DecisionState;
import dev.fareway.operator.console.ConsoleState.ReplicaState;
import dev.fareway.operator.console.ConsoleState.ShardState;
import dev.fareway.operator.dispatcher.NodeReport;
import dev.fareway.operator.shard.Decision;
import dev.fareway.operator.shard.PlacementView;
import dev.fareway.operator.shard.Replica;
import dev.fareway.scheduler.core.IdleNode;
import dev.fareway.scheduler.core.PlacementSink.How;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WholeTest {
  private static final Instant NOW = Instant.parse("2026-11-16T00:00:00Z");
  private static final long SECOND = 1_000_000_000L;

  @Test
  void shards_areThoseOfAllReplicas() {
    ConsoleState state = whole(Map.of(), view("a", 0, 3), view("b", 1, 7));

    assertEquals(List.of(0, 1), state.shards().stream().map(ShardState::shard).toList());
    assertEquals(List.of("a", "b"), state.shards().stream().map(ShardState::replica).toList());
    assertEquals(List.of(3, 7), state.shards().stream().map(ShardState::waiting).toList());
    assertTrue(state.shards().stream().allMatch(ShardState::known));
  }

  @Test
  void shards_areUnknown_ofAReplicaThatDoesNotAnswer() {
    var parts =
        new Whole.Parts(
            view("a", 0, 3),
            List.of(),
            Map.of("b", "no answer in 1 s"),
            List.of(new Replica("a", "", List.of(0)), new Replica("b", "", List.of(1))),
            List.of(),
            Set.of(),
            Map.of(),
            new BudgetBoard.Read(List.of(), 0));

    ConsoleState state = Whole.of(parts, NOW);

    assertFalse(state.shards().get(1).known());
    assertEquals("b", state.shards().get(1).replica());
    assertTrue(
        state.replicas().contains(new ReplicaState("b", List.of(1), false, "no answer in 1 s")));
  }

  @Test
  void shards_haveNoReplica_whenNobodyHoldsThem() {
    ConsoleState state = whole(Map.of(), view("a", 0, 3));

    assertEquals("", state.shards().get(1).replica());
    assertFalse(state.shards().get(1).known());
  }

  @Test
  void classes_addUpWhatEachReplicaHasPlaced() {
    ConsoleState state = whole(Map.of(), view("a", 0, 3), view("b", 1, 7));

    ConsoleState.ClassState batch = state.classes().getFirst();
    // 3 of 1 s and 7 of 1 s, each replica's own; what waits is known by each, and not added.
    assertEquals(10, batch.placedLastMinute());
    assertEquals(1, batch.meanWaitSeconds());
    assertEquals(10, batch.waiting());
    assertEquals("0.000002", batch.pricePerCpuSecond());
  }

  @Test
  void decisions_areInTheOrderOfTime_whoeverMadeThem() {
    ConsoleState state = whole(Map.of(), view("a", 0, 3), view("b", 1, 7));

    assertEquals(
        List.of("b", "a"), state.decisions().stream().map(DecisionState::replica).toList());
    assertTrue(state.decisions().stream().allMatch(of -> of.kind().equals("Placed")));
    assertTrue(state.decisions().getFirst().reason().contains("idle list of shard 1"));
  }

  @Test
  void nodes_showWhatTheirDaemonsSay() {
    ConsoleState state =
        whole(Map.of("n", new NodeReport(4, 100, 60, "Pressure", 50, 20, 10)), view("a", 0, 0));

    ConsoleState.NodeState node = state.nodes().getFirst();
    assertTrue(node.connected());
    assertEquals(4, node.functions());
    assertEquals("Pressure", node.memoryState());
    assertEquals(20, node.swapUsedBytes());
    assertEquals("RealTime", node.enforcement());
  }

  @Test
  void nodes_showTheirIdleListEntry_whenTheDaemonSaysNothingMore() {
    ConsoleState state = whole(Map.of(), view("a", 0, 0));

    ConsoleState.NodeState node = state.nodes().getFirst();
    assertEquals(2, node.functions());
    assertEquals(77, node.memoryAvailableBytes());
    assertEquals(1_000, node.memoryTotalBytes());
    assertNull(node.swapTotalBytes());
  }

  @Test
  void replicaView_reachesAnotherReplicaAsItWas() throws Exception {
    var json = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    ReplicaView view = view("a", 0, 3);

    assertEquals(view, json.readValue(json.writeValueAsBytes(view), ReplicaView.class));
  }

  private static ConsoleState whole(Map<String, NodeReport> reports, ReplicaView... views) {
    return Whole.of(
        new Whole.Parts(
            views[0],
            List.of(views).subList(1, views.length),
            Map.of(),
            List.of(),
            List.of(new NodeFacts("n", true, true, 1_000, "RealTime", true, "all is well")),
            Set.of("n"),
            reports,
            new BudgetBoard.Read(List.of(), 0)),
        NOW);
  }

  /** A replica with one shard of two, in which so many wait, of ten over both. */
  private static ReplicaView view(String replica, int shard, int waiting) {
    return new ReplicaView(
        replica,
        new PlacementView(
            2,
            List.of(
                new PlacementView.OfClass(
                    "batch",
                    2_000,
                    false,
                    "UnderPressure",
                    "Auto",
                    1,
                    2,
                    10,
                    5 * SECOND,
                    waiting,
                    SECOND,
                    2 * SECOND)),
            0,
            List.of(
                new PlacementView.OfShard(
                    shard,
                    List.of(new PlacementView.Queue("batch", waiting, 5 * SECOND)),
                    1,
                    List.of(new IdleNode("n", 2, 77)))),
            List.of(
                new PlacementView.WaitingPod(
                    "ns", "pod-" + shard, "batch", shard, SECOND, "Waits for its turn.")),
            List.of(
                new Decision(
                    shard,
                    Decision.Kind.PLACED,
                    "ns",
                    "pod",
                    "batch",
                    shard,
                    "n",
                    SECOND,
                    How.IDLE_LIST,
                    2,
                    ""))));
  }
}
