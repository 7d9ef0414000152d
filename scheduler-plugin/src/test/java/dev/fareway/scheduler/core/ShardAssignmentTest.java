package dev.fareway.scheduler.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class ShardAssignmentTest {
  @Test
  void shardOf_spreadsEvenly_andMovesFewWhenAShardIsAdded() {
    int[] counts = new int[4];
    int moved = 0;
    for (int i = 0; i < 100_000; i++) {
      String uid = new UUID(i * 31L, i).toString();
      int of4 = ShardAssignment.shardOf(uid, 4);
      int of5 = ShardAssignment.shardOf(uid, 5);
      counts[of4]++;
      if (of4 != of5) {
        moved++;
        assertEquals(4, of5, "who moves, moves to the new shard");
      }
    }
    for (int count : counts) {
      assertTrue(Math.abs(count - 25_000) < 1_000, "25,000 ± 1,000, but " + count);
    }
    assertTrue(Math.abs(moved - 20_000) < 1_000, "a fifth moves, but " + moved);
  }
}
