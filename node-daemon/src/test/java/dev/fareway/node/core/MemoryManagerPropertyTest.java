package dev.fareway.node.core;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random lives of a node, from seeds; -Dfareway.seed=N tries one. */
class MemoryManagerPropertyTest {
  private static final long TICK_NANOS = 50_000_000;
  private static final long TOTAL = 1024 * ToyNode.MIB;
  private static final MemoryOptions OPTIONS = MemoryOptions.ofPercent(TOTAL, 4, 10, 15, false);

  static LongStream seeds() {
    String one = System.getProperty("fareway.seed");
    return one != null ? LongStream.of(Long.parseLong(one)) : LongStream.range(0, 60);
  }

  private record Life(
      Map<MemoryState, Integer> states, HashSet<Class<?>> actions, int needlessKills) {}

  private static Life live(long seed) {
    var random = new SplittableRandom(seed);
    long swap = random.nextLong(2 * TOTAL);
    var node = new ToyNode(TOTAL, swap, random.split());
    var manager = new MemoryManager(OPTIONS);
    var again = new MemoryManager(OPTIONS);
    var oracle = new MemoryOracle(OPTIONS);
    var life = new Life(new EnumMap<>(MemoryState.class), new HashSet<>(), 0);
    var decision = new MemoryDecision(MemoryState.NORMAL, -1, List.of());
    for (int tick = 0; tick < 3000; tick++) {
      long now = tick * TICK_NANOS;
      // Quiet hours and rushes; never more in a tick than half of the low watermark.
      long growth = tick / 500 % 2 == 0 ? OPTIONS.lowBytes() / 2 : ToyNode.MIB / 4;
      node.live(growth, now, decision);
      var reading = node.reading(random.nextInt(20) == 0);
      var functions = node.memories();
      decision = manager.decide(reading, functions, now);
      assertEquals(decision, again.decide(reading, functions, now), "it depends on nothing else");
      oracle.check(reading, functions, decision, now);
      life.states.merge(decision.state(), 1, Integer::sum);
      for (MemoryAction action : decision.actions()) {
        life.actions.add(action.getClass());
        node.act(action, new Told(manager, again, oracle), now);
      }
    }
    return new Life(life.states, life.actions, node.needlessKills);
  }

  /** Tells two managers and the oracle what became of an action. */
  private record Told(MemoryManager one, MemoryManager other, MemoryOracle oracle)
      implements ToyNode.Outcomes {
    @Override
    public void pushedOut(String uid, long asked, long got, long resident, long now) {
      one.pushedOut(uid, asked, got, resident, now);
      other.pushedOut(uid, asked, got, resident, now);
      oracle.pushedOut(uid, asked, got, resident, now);
    }

    @Override
    public void broughtBack(String uid, long asked, long got, long now) {
      one.broughtBack(uid, asked, got, now);
      other.broughtBack(uid, asked, got, now);
    }

    @Override
    public void notEvicted(String uid) {
      one.notEvicted(uid);
      other.notEvicted(uid);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void decisions_keepTheirPromises_whateverHappens(long seed) {
    assertDoesNotThrow(
        () ->
            assertEquals(0, live(seed).needlessKills, "killed by the kernel while there was swap"),
        () -> "seed " + seed);
  }

  @Test
  void lives_seeEveryStateAndEveryAction() {
    var states = new HashSet<MemoryState>();
    var actions = new HashSet<Class<?>>();
    LongStream.range(0, 60)
        .mapToObj(MemoryManagerPropertyTest::live)
        .forEach(
            life -> {
              states.addAll(life.states.keySet());
              actions.addAll(life.actions);
            });

    assertEquals(3, states.size(), states::toString);
    assertTrue(actions.size() == 4, actions::toString);
  }
}
