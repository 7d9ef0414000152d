package dev.fareway.scheduler.core;

import static dev.fareway.scheduler.core.Instances.BIG;
import static dev.fareway.scheduler.core.Instances.instance;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Power of k on clusters of many nodes, by what it is known for: with k = 3 the fullest of n nodes
 * has about log log n / log 3 instances more than the average (Azar and others, 1999), where
 * drawing one node has about log n / log log n.
 */
class PowerOfKTest {
  private static final int NODES = 5_000;
  private final Cluster cluster = new Cluster();
  private final Shard shard = new Shard(ShardOptions.DEFAULTS, cluster, new SplittableRandom(3));
  private final Host host = new Host();
  private long now;

  PowerOfKTest() {
    shard.classes(List.of(new PricedClass("dear", 2000)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void place_spreadsEvenly_amongManyNodes_askedOrNot(boolean asked) {
    for (int i = 0; i < NODES; i++) {
      cluster.putNode("node-" + i, NodeTraits.PLAIN, BIG);
      cluster.reachable("node-" + i, asked);
    }

    place(0, 2 * NODES);

    assertEquals(2 * NODES, host.decisions.size());
    assertTrue(fullest() <= 4, () -> "the fullest node has %d".formatted(fullest()));
    assertTrue(shard.isSound());
  }

  @ParameterizedTest
  @ValueSource(ints = {2_500, 4_999})
  void place_goesOnlyToNodesThatAreStillThere_whenMostHaveGone(int gone) {
    for (int i = 0; i < NODES; i++) {
      cluster.putNode(
          "node-" + i, new NodeTraits(Map.of("zone", "z" + i % 3), Set.of(), true), BIG);
    }
    // Draws for the decisions after these are made among all.
    place(0, 40);
    for (int i = 0; i < gone; i++) {
      cluster.removeNode("node-" + i);
    }
    host.decisions.clear();

    place(40, 1_000);

    for (String decision : host.decisions) {
      int node = Integer.parseInt(decision.substring(decision.indexOf("node-") + 5));
      assertTrue(node >= gone, decision);
    }
    assertEquals(960, host.decisions.size());
  }

  private void place(int from, int to) {
    for (int i = from; i < to; i++) {
      now++;
      shard.add(instance("uid-" + i, "dear", now));
      shard.place(now, 1_000, host);
      for (long poll : List.copyOf(host.openPolls)) {
        shard.answered(poll, host);
      }
      host.openPolls.clear();
    }
  }

  private int fullest() {
    int most = 0;
    for (int i = 0; i < NODES; i++) {
      most = Math.max(most, cluster.functions("node-" + i));
    }
    return most;
  }
}
