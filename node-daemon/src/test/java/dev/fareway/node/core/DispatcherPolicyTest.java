package dev.fareway.node.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.node.core.DispatcherPolicy.Action;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DispatcherPolicyTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long GIB = 1L << 30;
  private final DispatcherPolicy policy =
      new DispatcherPolicy(new DispatcherPolicy.Options(GIB, 3, SECOND), new SplittableRandom(1));

  @Test
  void act_joinsTheShortestOfKLists() {
    policy.connected("a", Set.of(0, 1, 2, 3), 15 * SECOND);
    var ask = assertInstanceOf(Action.AskLengths.class, policy.act(2 * GIB, 0, 0).getFirst());
    assertEquals(3, ask.shards().size());
    var lengths = new HashMap<Integer, Integer>();
    ask.shards().forEach(shard -> lengths.put(shard, 10 + shard));
    int shortest = ask.shards().get(1);
    lengths.put(shortest, 1);

    policy.lengths("a", ask.requestId(), lengths);

    assertEquals(List.of(new Action.Join("a", shortest)), policy.act(2 * GIB, 0, 1));
    assertTrue(policy.isListed());
  }

  @Test
  void act_asksReplicasTogether_andGoesOnWithoutTheSilent() {
    policy.connected("a", Set.of(0), 15 * SECOND);
    policy.connected("b", Set.of(1), 15 * SECOND);
    List<Action> asks = policy.act(2 * GIB, 0, 0);
    assertEquals(2, asks.size());
    policy.lengths("b", ((Action.AskLengths) asks.getLast()).requestId(), Map.of(1, 7));
    assertEquals(List.of(), policy.act(2 * GIB, 0, SECOND / 2), "the other has time left");

    assertEquals(List.of(new Action.Join("b", 1)), policy.act(2 * GIB, 0, SECOND));
  }

  @Test
  void act_staysOff_whileMemoryIsShort() {
    policy.connected("a", Set.of(0), 15 * SECOND);

    assertEquals(List.of(), policy.act(GIB - 1, 0, 0));
  }

  @Test
  void act_updatesOnSignificantChange_andAsASignOfLife() {
    join();

    assertEquals(List.of(), policy.act(2 * GIB - 1, 0, 2), "a byte less is not significant");
    assertEquals(
        List.of(new Action.Update("a", 0)), policy.act(2 * GIB, 1, 3), "one function more is");
    assertEquals(
        List.of(new Action.Update("a", 0)), policy.act(3 * GIB, 1, 4), "half as much again is");
    assertEquals(List.of(), policy.act(3 * GIB, 1, 5));
    assertEquals(
        List.of(new Action.Update("a", 0)),
        policy.act(3 * GIB, 1, 4 + 5 * SECOND),
        "a third of the entry's life");
  }

  @Test
  void act_leaves_onlyWellBelowTheThreshold() {
    join();

    policy.act(GIB - 1, 0, 2);
    assertTrue(policy.isListed());
    assertEquals(List.of(new Action.Leave("a", 0)), policy.act(GIB / 2, 0, 3));
    assertFalse(policy.isListed());
  }

  @Test
  void act_joinsAnother_whenTheShardOrItsReplicaGoes() {
    join();
    policy.shardGone("a", 0);
    assertInstanceOf(Action.AskLengths.class, policy.act(2 * GIB, 0, 2).getFirst());

    policy.disconnected("a");
    assertEquals(List.of(), policy.act(2 * GIB, 0, 10 * SECOND), "nobody is left to ask");
  }

  private void join() {
    policy.connected("a", Set.of(0), 15 * SECOND);
    var ask = (Action.AskLengths) policy.act(2 * GIB, 0, 0).getFirst();
    policy.lengths("a", ask.requestId(), Map.of(0, 0));
    assertEquals(List.of(new Action.Join("a", 0)), policy.act(2 * GIB, 0, 1));
  }
}
