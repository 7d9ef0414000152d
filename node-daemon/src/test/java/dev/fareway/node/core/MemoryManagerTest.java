package dev.fareway.node.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.node.core.MemoryAction.BringBack;
import dev.fareway.node.core.MemoryAction.Evict;
import dev.fareway.node.core.MemoryAction.Kill;
import dev.fareway.node.core.MemoryAction.PushOut;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryManagerTest {
  private static final long MIB = 1024 * 1024;
  private static final long TOTAL = 1000 * MIB;
  private static final long SECOND = 1_000_000_000L;

  /** Critical below 40 MiB, low below 100, high at 150, steps of 31.25 MiB. */
  private final MemoryManager manager =
      new MemoryManager(MemoryOptions.ofPercent(TOTAL, 4, 10, 15, false));

  private static MemoryReading available(long mib) {
    return new MemoryReading(TOTAL, mib * MIB, 1000 * MIB, 1000 * MIB, false);
  }

  private static MemoryReading availableAndSwapFull(long mib) {
    return new MemoryReading(TOTAL, mib * MIB, 1000 * MIB, 10 * MIB, false);
  }

  private static FunctionMemory function(String uid, int rank, long residentMib) {
    return function(uid, rank, residentMib, 0, 0);
  }

  private static FunctionMemory function(
      String uid, int rank, long residentMib, long swappedMib, long lastRan) {
    return new FunctionMemory(uid, rank, true, true, residentMib * MIB, swappedMib * MIB, lastRan);
  }

  private static FunctionMemory unswappable(String uid, int rank, long residentMib) {
    return new FunctionMemory(uid, rank, false, true, residentMib * MIB, 0, 0);
  }

  private void exhaust(String uid, long now) {
    manager.pushedOut(uid, 30 * MIB, 0, 200 * MIB, now);
    manager.pushedOut(uid, 30 * MIB, 0, 200 * MIB, now);
  }

  @Test
  void decide_doesNothing_whileEnoughIsAvailable() {
    var decision = manager.decide(available(100), List.of(function("a", 0, 500)), 0);

    assertEquals(new MemoryDecision(MemoryState.NORMAL, 0, List.of()), decision);
  }

  @Test
  void decide_pushesOutTheCheapestClass_belowTheLowWatermark() {
    var functions = List.of(function("dear", 2, 400), function("cheap", 0, 300));

    var decision = manager.decide(available(99), functions, 0);

    assertEquals(MemoryState.PRESSURE, decision.state());
    assertEquals(List.of(new PushOut("cheap", TOTAL / 32, false)), decision.actions());
  }

  @Test
  void decide_pushesOutWhoRanLeastRecently_withinAClass() {
    var functions = List.of(function("busy", 0, 400, 0, 90), function("idle", 0, 300, 0, 10));

    var decision = manager.decide(available(50), functions, 100);

    assertEquals("idle", decision.actions().getFirst().uid());
  }

  @Test
  void decide_goesOnToTheHighWatermark_onceUnderPressure() {
    var functions = List.of(function("a", 0, 500));
    manager.decide(available(99), functions, 0);

    assertEquals(
        List.of(new PushOut("a", 2 * MIB, false)),
        manager.decide(available(149), functions, 1).actions());
    assertEquals(MemoryState.NORMAL, manager.decide(available(150), functions, 2).state());
    assertEquals(MemoryState.NORMAL, manager.decide(available(101), functions, 3).state());
  }

  @Test
  void decide_beginsAtTheHighWatermark_whenWorkIsStalled() {
    var functions = List.of(function("a", 0, 500));

    assertEquals(
        MemoryState.NORMAL,
        manager.decide(new MemoryReading(TOTAL, 150 * MIB, 9, 9, true), functions, 0).state());
    assertEquals(
        MemoryState.PRESSURE,
        manager.decide(new MemoryReading(TOTAL, 149 * MIB, 9, 9, true), functions, 1).state());
  }

  @Test
  void decide_goesOnToTheNextClass_onlyWhenTheCheaperHasNothingLeft() {
    var functions = List.of(function("dear", 1, 400), function("cheap", 0, 300));
    manager.decide(available(50), functions, 0);

    manager.pushedOut("cheap", 30 * MIB, 7 * MIB, 300 * MIB, 1);
    assertEquals("cheap", manager.decide(available(50), functions, 2).actions().getFirst().uid());
    manager.pushedOut("cheap", 30 * MIB, 7 * MIB, 300 * MIB, 3);
    assertEquals("dear", manager.decide(available(50), functions, 4).actions().getFirst().uid());
    assertEquals(
        "cheap",
        manager
            .decide(available(50), functions, 3 + MemoryManager.REST_NANOS)
            .actions()
            .getFirst()
            .uid());
  }

  @Test
  void decide_comesBackToACheaperOne_thatHasGrown() {
    var dear = function("dear", 1, 400);
    manager.decide(available(50), List.of(dear, function("cheap", 0, 200)), 0);
    exhaust("cheap", 1);

    var decision = manager.decide(available(50), List.of(dear, function("cheap", 0, 240)), 2);

    assertEquals("cheap", decision.actions().getFirst().uid());
  }

  @Test
  void decide_neverPushesOutAClassThatIsNotToBeSwapped() {
    var functions = List.of(unswappable("kept", 0, 400), function("dear", 2, 300));

    var decision = manager.decide(available(50), functions, 0);

    assertEquals("dear", decision.actions().getFirst().uid());
    assertFalse(decision.maySwap(0, false));
    assertTrue(decision.maySwap(2, true));
  }

  @Test
  void pushOut_freezesOnlyWhoMayBe_whereThatIsAskedFor() {
    var freezing = new MemoryManager(MemoryOptions.ofPercent(TOTAL, 4, 10, 15, true));
    var probed = new FunctionMemory("probed", 0, true, false, 300 * MIB, 0, 0);

    var ofProbed = freezing.decide(available(50), List.of(probed), 0);
    var ofOther = freezing.decide(available(50), List.of(function("a", 0, 300)), 1);

    assertEquals(List.of(new PushOut("probed", TOTAL / 32, false)), ofProbed.actions());
    assertEquals(List.of(new PushOut("a", TOTAL / 32, true)), ofOther.actions());
  }

  @Test
  void front_isTheCheapestClass_whileMuchIsAvailable() {
    var functions = List.of(function("a", 1, 10), function("b", 2, 500));

    assertEquals(1, manager.decide(available(300), functions, 0).front());
    assertEquals(-1, manager.decide(available(300), List.of(unswappable("c", 0, 5)), 1).front());
  }

  @Test
  void front_movesUp_beforeTheCheaperHaveNothingLeft_andDownWhenTheyHaveMuch() {
    manager.decide(available(50), List.of(function("a", 0, 100), function("b", 1, 500)), 0);
    assertEquals(0, frontWith(100));
    assertEquals(1, frontWith(99));
    assertEquals(1, frontWith(199));
    assertEquals(0, frontWith(200));
  }

  private int frontWith(long cheapMib) {
    return manager
        .decide(available(50), List.of(function("a", 0, cheapMib), function("b", 1, 500)), 1)
        .front();
  }

  @Test
  void decide_endsNobody_whileSomeoneCanGive() {
    var functions = List.of(function("a", 0, 300));
    for (int i = 0; i < 100; i++) {
      var decision = manager.decide(available(1), functions, i * SECOND);
      assertEquals(MemoryState.PRESSURE, decision.state());
      manager.pushedOut("a", 30 * MIB, 30 * MIB, 300 * MIB, i * SECOND);
    }
  }

  @Test
  void decide_evictsTheCheapest_whenSwapIsFull_andKillsItWhenThatTakesTooLong() {
    var functions =
        List.of(function("dear", 1, 400), function("small", 0, 20), function("big", 0, 100));
    long full = MemoryManager.PATIENCE_NANOS;

    assertEquals(List.of(), manager.decide(availableAndSwapFull(30), functions, 0).actions());
    assertEquals(List.of(), manager.decide(availableAndSwapFull(30), functions, 1).actions());
    assertEquals(
        List.of(new Evict("big", MemoryManager.GRACE_SECONDS)),
        manager.decide(availableAndSwapFull(30), functions, full + 1).actions());
    assertEquals(MemoryState.CRITICAL, manager.state());
    assertEquals(
        List.of(), manager.decide(availableAndSwapFull(30), functions, full + 2).actions());
    assertEquals(
        List.of(new Kill("big")),
        manager
            .decide(availableAndSwapFull(30), functions, full + 1 + MemoryManager.EVICTION_NANOS)
            .actions());
  }

  @Test
  void decide_killsSoon_whenNextToNothingIsLeft_orTheEvictionWasRefused() {
    var functions = List.of(function("a", 0, 100), function("b", 0, 50));
    long full = MemoryManager.PATIENCE_NANOS;
    manager.decide(availableAndSwapFull(30), functions, 0);
    manager.decide(availableAndSwapFull(30), functions, 1);
    manager.decide(availableAndSwapFull(30), functions, full + 1);

    manager.notEvicted("a");

    assertEquals(
        List.of(new Kill("a")),
        manager.decide(availableAndSwapFull(30), functions, full + 2).actions());
    assertEquals(
        List.of(), manager.decide(availableAndSwapFull(30), functions, full + 3).actions());
    var left = List.of(function("b", 0, 50));
    assertEquals(
        List.of(new Evict("b", MemoryManager.GRACE_SECONDS)),
        manager.decide(availableAndSwapFull(10), left, full + 4).actions());
    assertEquals(
        List.of(new Kill("b")),
        manager
            .decide(availableAndSwapFull(10), left, full + 4 + MemoryManager.SHORT_EVICTION_NANOS)
            .actions());
  }

  @Test
  void decide_endsSomeone_whenNobodyHasAnythingLeft_onlyAfterALongerWhile() {
    var functions = List.of(unswappable("kept", 0, 400));
    manager.decide(available(30), functions, 0);

    assertEquals(
        MemoryState.PRESSURE,
        manager.decide(available(30), functions, MemoryManager.PATIENCE_NANOS).state());
    var decision = manager.decide(available(30), functions, MemoryManager.LONG_PATIENCE_NANOS);

    assertEquals("kept", decision.actions().getFirst().uid());
  }

  @Test
  void decide_endsNobody_whileSwapStillFills() {
    var functions = List.of(unswappable("kept", 0, 400));
    long now = 0;
    for (int free = 900; free > 20; free -= 2) {
      var reading = new MemoryReading(TOTAL, 30 * MIB, 1000 * MIB, free * MIB, false);
      assertEquals(MemoryState.PRESSURE, manager.decide(reading, functions, now).state());
      now += MemoryManager.LONG_PATIENCE_NANOS - 1;
    }
    var reading = new MemoryReading(TOTAL, 30 * MIB, 1000 * MIB, 22 * MIB, false);
    assertEquals(MemoryState.PRESSURE, manager.decide(reading, functions, now).state());
    now += MemoryManager.LONG_PATIENCE_NANOS - 1;

    assertEquals(MemoryState.CRITICAL, manager.decide(reading, functions, now).state());
  }

  @Test
  void decide_leavesTheCriticalState_whenSomeoneCanGiveAgain() {
    var functions = List.of(function("a", 0, 100));
    manager.decide(availableAndSwapFull(30), functions, 0);
    manager.decide(availableAndSwapFull(30), functions, 1);
    manager.decide(availableAndSwapFull(30), functions, MemoryManager.PATIENCE_NANOS + 1);

    var decision = manager.decide(available(30), functions, MemoryManager.PATIENCE_NANOS + 2);

    assertEquals(MemoryState.PRESSURE, decision.state());
    assertEquals("a", decision.actions().getFirst().uid());
  }

  @Test
  void decide_bringsTheDearestBackFirst_afterACalmWhile() {
    var functions =
        List.of(
            function("cheap", 0, 10, 90, 0),
            function("dear", 2, 10, 20, 0),
            function("middle", 1, 10, 50, 0));
    manager.decide(available(500), functions, 0);

    var calm = manager.decide(available(500), functions, MemoryManager.CALM_NANOS);

    assertEquals(List.of(new BringBack("dear", 20 * MIB)), calm.actions());
    assertEquals(
        List.of(),
        manager.decide(available(151), functions, MemoryManager.CALM_NANOS + 1).actions());
  }

  @Test
  void decide_bringsTheCheapestClassBack_onlyIfItRanLately() {
    long now = 1000 * SECOND;
    var idle = function("idle", 0, 10, 90, now - MemoryManager.LATELY_NANOS);
    var dear = function("dear", 1, 10, 0, 0);
    manager.decide(available(500), List.of(idle, dear), 0);

    assertEquals(List.of(), manager.decide(available(500), List.of(idle, dear), now).actions());
    var busy = function("busy", 0, 10, 90, now - 1);
    assertEquals(
        "busy",
        manager.decide(available(500), List.of(idle, busy, dear), now).actions().getFirst().uid());
  }

  @Test
  void decide_asksNoMoreForAWhile_whenNothingIsFoundInSwap() {
    var functions = List.of(function("a", 1, 10, 90, 0), function("b", 0, 10, 0, 0));
    manager.decide(available(500), functions, 0);
    manager.broughtBack("a", 30 * MIB, 0, 1);

    assertEquals(
        List.of(), manager.decide(available(500), functions, MemoryManager.CALM_NANOS).actions());
    assertEquals(
        "a",
        manager
            .decide(available(500), functions, 1 + MemoryManager.NOTHING_BROUGHT_NANOS)
            .actions()
            .getFirst()
            .uid());
  }
}
