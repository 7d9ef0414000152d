package dev.fareway.scheduler.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/**
 * What a decision costs does not grow with the cluster, counted in nodes looked at: how long that
 * takes is for {@code ./fareway bench placement} to say.
 */
class DecisionCostTest {
  private static final int DECISIONS = 2_000;

  @Test
  void decisionFromTheIdleList_looksAtOneNode_howeverManyThereAre() {
    assertEquals(1.0, looksPerDecision("idleList", 100));
    assertEquals(1.0, looksPerDecision("idleList", 10_000));
  }

  @Test
  void decisionByPowerOfK_looksAtKNodes_andNowAndThenAtOneDrawnTwice() {
    assertEquals(3.0, looksPerDecision("powerOfK", 100), 0.1);
    assertEquals(3.0, looksPerDecision("powerOfK", 10_000), 0.1);
  }

  private static double looksPerDecision(String way, int nodes) {
    var shard = new BusyShard();
    shard.way = way;
    shard.nodes = nodes;
    shard.fill();
    return shard.looksPerDecision(DECISIONS);
  }
}
