package dev.fareway.scheduler.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/**
 * The order of an idle list, and that what a decision does is the same however long the list is.
 */
@NullUnmarked
class NodeBucketsTest {
  private static final long MIB = 1L << 20;

  @Test
  void stepOf_neverFalls_andIsAsFineAsASixteenth() {
    for (long memory = MIB; memory < 1L << 47; memory += memory / 100) {
      int step = NodeBuckets.stepOf(memory);
      assertTrue(NodeBuckets.stepOf(memory + MIB) >= step, () -> "memory grows, its step falls");
      assertTrue(
          NodeBuckets.stepOf(memory + memory / 16 + MIB) > step, memory + " and a sixteenth more");
    }
  }

  @RepeatedTest(10)
  void buckets_holdEveryNodeInItsOrder_whateverChanges() {
    long seed = Seeds.next();
    var random = new SplittableRandom(seed);
    var buckets = new NodeBuckets();
    List<NodeState> nodes = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      nodes.add(new NodeState("n" + i, i));
    }
    for (int step = 0; step < 5_000; step++) {
      NodeState node = nodes.get(random.nextInt(nodes.size()));
      switch (random.nextInt(4)) {
        case 0 -> {
          if (node.buckets == null) {
            buckets.add(node);
          }
        }
        case 1 -> {
          if (node.buckets != null) {
            buckets.remove(node);
          }
        }
        default -> {
          node.heard = true;
          node.heardFunctions = random.nextInt(random.nextBoolean() ? 4 : 40_000);
          node.heardMemoryBytes = random.nextLong(1L << random.nextInt(63));
          node.weigh();
        }
      }
      if (step % 100 == 0) {
        buckets.trim();
        assertTrue(buckets.isSound(), "seed " + seed);
      }
    }
    var listed = nodes.stream().filter(node -> node.buckets != null).toList();
    assertEquals(listed.size(), buckets.first(1_000).length, "seed " + seed);
    NodeState best = buckets.bestAdmitted(new Eligibility(Constraints.NONE), new Room(0, 0, 0), -1);
    long least = listed.stream().mapToLong(NodeBucketsTest::functions).min().orElseThrow();
    long most =
        listed.stream()
            .filter(node -> functions(node) == least)
            .max(Comparator.comparingLong(NodeState::availableMemoryBytes))
            .orElseThrow()
            .availableMemoryBytes();
    assertEquals(least, functions(best), "seed " + seed);
    assertEquals(
        NodeBuckets.stepOf(Math.min(most, NodeState.MOST_MEMORY)),
        NodeBuckets.stepOf(Math.min(best.availableMemoryBytes(), NodeState.MOST_MEMORY)),
        "seed " + seed);
  }

  @RepeatedTest(5)
  void bitTree_findsWhatATreeSetFinds() {
    long seed = Seeds.next();
    var random = new SplittableRandom(seed);
    int numbers = 1 + random.nextInt(40_000);
    var tree = new BitTree(numbers);
    var expected = new TreeSet<Integer>();
    for (int step = 0; step < 2_000; step++) {
      int number = random.nextInt(numbers);
      if (random.nextBoolean()) {
        tree.set(number);
        expected.add(number);
      } else {
        tree.clear(number);
        expected.remove(number);
      }
      int from = random.nextInt(numbers);
      Integer next = expected.ceiling(from);
      assertEquals(next == null ? -1 : next, tree.next(from), "seed " + seed);
    }
  }

  private static long functions(NodeState node) {
    return Math.min(node.functions(), NodeState.MOST_FUNCTIONS);
  }
}
