package dev.fareway.node.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RealTimeGuardTest {

  private final RealTimeGuard guard = new RealTimeGuard();

  private void samples(int count, Map<Integer, Double> shareByRank) {
    for (int i = 0; i < count; i++) {
      guard.sample(List.of(shareByRank));
    }
  }

  @Test
  void floor_rises_onlyWhenUseStaysHigh() {
    assertFalse(guard.sample(List.of(Map.of(1, 0.9))));
    assertFalse(guard.sample(List.of(Map.of(1, 0.1))));
    assertFalse(guard.sample(List.of(Map.of(1, 0.9))));

    assertTrue(guard.sample(List.of(Map.of(1, 0.9))));
    assertEquals(2, guard.floor());
  }

  @Test
  void floor_takesTheCheapestOffFirst_whenTogetherTheyFillTheCpus() {
    samples(RealTimeGuard.PATIENCE, Map.of(1, 0.5, 2, 0.4));

    assertEquals(2, guard.floor());
  }

  @Test
  void floor_risesFurther_whenTheDearerAloneFillsTheCpus() {
    samples(2 * RealTimeGuard.PATIENCE, Map.of(1, 0.1, 2, 0.95));

    assertEquals(3, guard.floor());
  }

  @Test
  void floor_stays_whileTheClassTakenOffWouldFillTheCpusAgain() {
    samples(RealTimeGuard.PATIENCE, Map.of(1, 0.9, 2, 0.05));
    samples(1_000, Map.of(1, 0.9, 2, 0.05));

    assertEquals(2, guard.floor());
  }

  @Test
  void floor_falls_afterCalm_oneClassAtATime() {
    samples(2 * RealTimeGuard.PATIENCE, Map.of(1, 0.5, 2, 0.95));
    assertEquals(3, guard.floor());

    samples(RealTimeGuard.CALM, Map.of(1, 0.1, 2, 0.1));
    assertEquals(2, guard.floor());

    samples(RealTimeGuard.CALM, Map.of(1, 0.1, 2, 0.1));
    assertEquals(1, guard.floor());
  }

  @Test
  void floor_falls_whenTheClassesAreGone() {
    samples(RealTimeGuard.PATIENCE, Map.of(1, 0.9));

    samples(RealTimeGuard.CALM, Map.of());

    assertEquals(0, guard.floor());
  }

  @Test
  void floor_rises_whenOneCpuIsFull_howeverIdleTheOthersAre() {
    List<Map<Integer, Double>> cpus = List.of(Map.of(1, 0.1), Map.of(), Map.of(3, 0.9), Map.of());
    assertFalse(guard.sample(cpus));

    assertTrue(guard.sample(cpus));
    assertEquals(4, guard.floor(), "the dear one is the one that fills it");
  }

  @Test
  void floor_stays_whenTheUseIsSpread() {
    for (int i = 0; i < 100; i++) {
      assertFalse(guard.sample(List.of(Map.of(1, 0.5), Map.of(1, 0.5, 2, 0.3))));
    }
  }

  @Test
  void floor_staysUp_whileTheClassWouldFillAnyCpu() {
    samples(RealTimeGuard.PATIENCE, Map.of(1, 0.9));
    for (int i = 0; i < 10 * RealTimeGuard.CALM; i++) {
      guard.sample(List.of(Map.of(), Map.of(1, 0.9)));
    }

    assertEquals(2, guard.floor());
  }

  @Test
  void limit_leavesTheReserveBelowTheKernels() {
    assertEquals(0.85, RealTimeGuard.limit(0.95, 0.1), 1e-9);
    assertEquals(0.95, RealTimeGuard.limit(1, 0), 1e-9, "no limit of the kernel's is no licence");
    assertEquals(0.05, RealTimeGuard.limit(0.5, 0.9), 1e-9);
  }

  /** Whatever the load: what is on real time never stays above the limit for long. */
  @Test
  void realTimeUse_neverStaysAboveTheLimit() {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    System.out.println("fareway.seed=" + seed);
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      var load = new HashMap<Integer, Double>();
      for (int rank = 1; rank <= 1 + random.nextInt(5); rank++) {
        load.put(rank, random.nextDouble());
      }
      samples(RealTimeGuard.PATIENCE * load.size(), load);
      double onRealTime = 0;
      for (var entry : load.entrySet()) {
        onRealTime += entry.getKey() >= guard.floor() ? entry.getValue() : 0;
      }
      assertTrue(onRealTime < RealTimeGuard.LIMIT, "seed " + seed + ": " + load);
    }
  }
}
