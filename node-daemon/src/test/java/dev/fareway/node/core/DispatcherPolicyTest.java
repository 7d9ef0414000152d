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

  private static final long GIB = 1L << 30;
  private static final long SECOND = 1_000_000_000L;
  private static final long TTL = 15 * SECOND;

  private final DispatcherPolicy policy =
      new DispatcherPolicy(
          new DispatcherPolicy.Options(2 * GIB, 3, SECOND), new SplittableRandom(1));
  private long now = 1;

  private List<Action> act(long memory, int functions) {
    return policy.act(memory, functions, now);
  }

  private void join(long memory, int functions) {
    policy.connected("a", Set.of(7), TTL);
    var ask = assertInstanceOf(Action.AskLengths.class, act(memory, functions).getFirst());
    policy.lengths("a", ask.requestId(), Map.of(7, 0));
    assertEquals(List.of(new Action.Join("a", 7)), act(memory, functions));
  }

  @Test
  void act_sendsNothing_whileMemoryIsShort() {
    policy.connected("a", Set.of(0, 1), TTL);

    assertEquals(List.of(), act(2 * GIB - 1, 0));
  }

  @Test
  void act_asksForKLists_andJoinsTheShortest() {
    policy.connected("a", Set.of(0, 1), TTL);
    policy.connected("b", Set.of(2, 3), TTL);

    List<Action> asked = act(4 * GIB, 0);
    int lists = 0;
    int shortest = -1;
    for (Action action : asked) {
      var ask = assertInstanceOf(Action.AskLengths.class, action);
      lists += ask.shards().size();
      var lengths = new HashMap<Integer, Integer>();
      ask.shards().forEach(shard -> lengths.put(shard, 10 - shard));
      shortest = Math.max(shortest, lengths.keySet().stream().max(Integer::compare).orElseThrow());
      policy.lengths(ask.replica(), ask.requestId(), lengths);
    }
    assertEquals(3, lists);

    assertEquals(List.of(new Action.Join(shortest < 2 ? "a" : "b", shortest)), act(4 * GIB, 0));
    assertTrue(policy.isListed());
  }

  @Test
  void act_joinsByTheAnswersItHas_whenAReplicaDoesNotAnswer() {
    policy.connected("a", Set.of(0), TTL);
    policy.connected("b", Set.of(1), TTL);
    var ask = assertInstanceOf(Action.AskLengths.class, act(4 * GIB, 0).getFirst());
    policy.lengths(ask.replica(), ask.requestId(), Map.of(ask.shards().getFirst(), 5));

    assertEquals(List.of(), act(4 * GIB, 0));
    now += SECOND;

    assertEquals(List.of(new Action.Join(ask.replica(), ask.shards().getFirst())), act(4 * GIB, 0));
  }

  @Test
  void act_asksAgain_whenNobodyAnswers() {
    policy.connected("a", Set.of(0), TTL);
    act(4 * GIB, 0);
    now += SECOND;
    assertEquals(List.of(), act(4 * GIB, 0));

    assertInstanceOf(Action.AskLengths.class, act(4 * GIB, 0).getFirst());
  }

  @Test
  void act_updates_whenMemoryOrFunctionsChangedSignificantly() {
    join(10 * GIB, 1);

    assertEquals(List.of(), act(10 * GIB - GIB / 2, 1));
    assertEquals(List.of(new Action.Update("a", 7)), act(8 * GIB, 1));
    assertEquals(List.of(new Action.Update("a", 7)), act(8 * GIB, 2));
    assertEquals(List.of(), act(8 * GIB, 2));
  }

  @Test
  void act_updates_asASignOfLife() {
    join(10 * GIB, 0);
    now += TTL / 3;

    assertEquals(List.of(new Action.Update("a", 7)), act(10 * GIB, 0));
    assertEquals(List.of(), act(10 * GIB, 0));
  }

  /** On a list of two, asked for lengths of both after a while. */
  private Action.AskLengths comparing() {
    policy.connected("a", Set.of(7, 8), TTL);
    var ask = assertInstanceOf(Action.AskLengths.class, act(10 * GIB, 0).getFirst());
    policy.lengths("a", ask.requestId(), Map.of(7, 0, 8, 5));
    assertEquals(List.of(new Action.Join("a", 7)), act(10 * GIB, 0));
    now += TTL / 6;
    var again = assertInstanceOf(Action.AskLengths.class, act(10 * GIB, 0).getFirst());
    assertEquals(Set.of(7, 8), Set.copyOf(again.shards()));
    return again;
  }

  @Test
  void act_movesToAShorterList_whenItsOwnHasBecomeLong() {
    policy.lengths("a", comparing().requestId(), Map.of(7, 9, 8, 7));

    assertEquals(List.of(new Action.Leave("a", 7), new Action.Join("a", 8)), act(10 * GIB, 0));
    assertTrue(policy.isListed());
  }

  @Test
  void act_staysOnItsList_whenMovingWouldOnlySwapTheLengths() {
    policy.lengths("a", comparing().requestId(), Map.of(7, 9, 8, 8));

    assertEquals(List.of(), act(10 * GIB, 0));
  }

  @Test
  void act_staysOnItsList_whenNobodyTellsLengths() {
    comparing();
    now += SECOND;

    assertEquals(List.of(), act(10 * GIB, 0));
    assertTrue(policy.isListed());
  }

  @Test
  void act_leaves_whenMemoryIsShort_withHysteresis() {
    join(4 * GIB, 0);
    act(2 * GIB, 0);

    assertFalse(act(2 * GIB * 9 / 10, 0).contains(new Action.Leave("a", 7)));
    assertEquals(List.of(new Action.Leave("a", 7)), act(2 * GIB * 7 / 10, 0));
    assertFalse(policy.isListed());
    assertEquals(List.of(), act(2 * GIB * 9 / 10, 0));
  }

  @Test
  void act_joinsAnother_whenTheShardIsGone() {
    join(4 * GIB, 0);
    policy.connected("b", Set.of(7), TTL);
    policy.shardGone("a", 7);
    policy.connected("a", Set.of(), TTL);

    var ask = assertInstanceOf(Action.AskLengths.class, act(4 * GIB, 0).getFirst());
    assertEquals("b", ask.replica());
  }

  @Test
  void act_joinsAnother_whenTheReplicaIsGone() {
    join(4 * GIB, 0);
    policy.disconnected("a");

    assertEquals(List.of(), act(4 * GIB, 0));
    policy.connected("b", Set.of(3), TTL);
    assertInstanceOf(Action.AskLengths.class, act(4 * GIB, 0).getFirst());
  }

  @Test
  void lengths_ofAnEarlierQuestion_areIgnored() {
    policy.connected("a", Set.of(0), TTL);
    var first = assertInstanceOf(Action.AskLengths.class, act(4 * GIB, 0).getFirst());
    now += SECOND;
    act(4 * GIB, 0);
    act(4 * GIB, 0);

    policy.lengths("a", first.requestId(), Map.of(0, 0));

    assertEquals(List.of(), act(4 * GIB, 0));
  }

  /** Never on two lists at once, whatever happens in whatever order. */
  @Test
  void node_isOnOneListAtMost() {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    System.out.println("fareway.seed=" + seed);
    var random = new SplittableRandom(seed);
    String[] names = {"a", "b", "c"};
    var asks = new HashMap<String, Action.AskLengths>();
    String listed = null;
    for (int step = 0; step < 20_000; step++) {
      now += random.nextLong(SECOND);
      String name = names[random.nextInt(names.length)];
      switch (random.nextInt(6)) {
        case 0 -> policy.connected(name, Set.of(random.nextInt(4), 4 + random.nextInt(4)), TTL);
        case 1 -> {
          policy.disconnected(name);
          // Its entry expires or goes with the session.
          listed = listed != null && listed.startsWith(name) ? null : listed;
        }
        case 2 -> {
          var ask = asks.remove(name);
          if (ask != null) {
            var lengths = new HashMap<Integer, Integer>();
            ask.shards().forEach(shard -> lengths.put(shard, random.nextInt(9)));
            policy.lengths(name, ask.requestId(), lengths);
          }
        }
        default -> {}
      }
      if (!policy.isListed()) {
        listed = null;
      }
      for (Action action : act(random.nextLong(5 * GIB), random.nextInt(4))) {
        switch (action) {
          case Action.AskLengths ask -> asks.put(ask.replica(), ask);
          case Action.Join(String replica, int shard) -> {
            assertEquals(null, listed, "seed " + seed + ": a second list");
            listed = replica + shard;
          }
          case Action.Update(String replica, int shard) ->
              assertEquals(replica + shard, listed, "seed " + seed + ": not on this list");
          case Action.Leave(String replica, int shard) -> {
            assertEquals(replica + shard, listed, "seed " + seed + ": not on this list");
            listed = null;
          }
        }
      }
    }
  }
}
