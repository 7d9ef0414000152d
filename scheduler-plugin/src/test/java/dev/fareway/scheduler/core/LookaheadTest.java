package dev.fareway.scheduler.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LookaheadTest {
  private static final int K = 3;
  private final Eligibility eligibility = new Eligibility(Constraints.NONE);
  private final NodeGroup group = new NodeGroup(NodeTraits.PLAIN, 0);
  private final Lookahead lookahead = new Lookahead(K, new SplittableRandom(5));

  LookaheadTest() {
    eligibility.groups(new NodeGroup[] {group});
  }

  @Test
  void draw_fallsOnEveryNumberAboutEquallyOften() {
    nodes(10);
    int[] counts = new int[10];
    for (int i = 0; i < 10_000; i++) {
      lookahead.begin(eligibility);
      for (int j = 0; j < K; j++) {
        counts[lookahead.draw(10)]++;
      }
    }

    double chiSquared = 0;
    for (int count : counts) {
      chiSquared += (count - 3_000.0) * (count - 3_000.0) / 3_000.0;
    }
    // One in a thousand fair draws has more, with nine degrees of freedom.
    assertTrue(chiSquared < 27.9, "chi squared is %f".formatted(chiSquared));
  }

  @Test
  void draw_staysAmongTheNodes_whenThereAreFewerThanWhenItWasMade() {
    nodes(1_000);
    lookahead.begin(eligibility);
    for (int j = 0; j < K; j++) {
      lookahead.draw(1_000);
    }

    nodes(1);

    lookahead.begin(eligibility);
    assertEquals(0, lookahead.draw(1));
  }

  @Test
  void begin_leavesNodesAsTheyAre_askedOrNot() {
    nodes(100);
    for (int i = 0; i < 100; i++) {
      group.at(i).reachable = i % 2 == 0;
      group.at(i).addFunction(new Occupant("uid-" + i, i, Room.ONE_POD, true));
      group.at(i).weigh();
    }
    long weight = group.at(7).weight;

    lookahead.begin(eligibility);

    for (int i = 0; i < 100; i++) {
      assertEquals(weight, group.at(i).weight);
      assertEquals(1, group.at(i).functions());
    }
  }

  private void nodes(int count) {
    while (group.size() < count) {
      group.add(new NodeState("node-" + group.size(), group.size()));
    }
    while (group.size() > count) {
      group.remove(group.at(group.size() - 1));
    }
    eligibility.nodes(null);
  }
}
