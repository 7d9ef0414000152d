package dev.fareway.operator.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * Random schedules of faults: no pod is lost, none is bound twice, no two replicas place for one
 * shard, and order is kept within a class. {@code -Dfareway.seed=N} runs one schedule again.
 */
class FaultsTest {
  private static final AtomicInteger TAKEOVERS = new AtomicInteger();
  private static final AtomicInteger CONFLICTS = new AtomicInteger();

  @RepeatedTest(200)
  void placement_keepsItsInvariants_whateverFails(RepetitionInfo repetition) {
    long seed = Long.getLong("fareway.seed", 1_000 + repetition.getCurrentRepetition());
    try {
      play(seed);
    } catch (IllegalStateException | AssertionError e) {
      throw new AssertionError("with -Dfareway.seed=" + seed + ": " + e.getMessage(), e);
    }
  }

  private static void play(long seed) {
    var random = new SplittableRandom(seed);
    var cluster = new FaultyCluster(random.nextLong());
    List<Runnable> faults =
        List.of(
            cluster::killReplica,
            cluster::startReplica,
            cluster::startReplica,
            cluster::pauseReplica,
            cluster::breakWatch,
            cluster::cutStreams,
            cluster::apiServerDown,
            cluster::apiServerErrors,
            cluster::deleteNode,
            cluster::addNode,
            cluster::deleteSomePod,
            cluster::resize,
            cluster::pause);
    cluster.run(5 * FaultyCluster.SECOND);
    for (int i = 0; i < 25; i++) {
      cluster.createPods(random.nextInt(12));
      cluster.run(random.nextLong(2 * FaultyCluster.SECOND));
      faults.get(random.nextInt(faults.size())).run();
      cluster.run(random.nextLong(8 * FaultyCluster.SECOND));
    }
    cluster.heal();
    assertEquals(List.of(), cluster.waiting(), () -> "pods are lost; held: " + cluster.held());
    var all = new HashSet<Integer>();
    for (int shard = 0; shard < cluster.shards(); shard++) {
      all.add(shard);
    }
    assertEquals(all, cluster.allHeld(), "every shard is held");
    assertTrue(cluster.mostHeld() - cluster.leastHeld() <= 1, () -> "unbalanced " + cluster.held());
    TAKEOVERS.addAndGet(cluster.takeovers);
    CONFLICTS.addAndGet(cluster.conflicts);
  }

  @AfterAll
  static void faults_haveHappened() {
    if (Long.getLong("fareway.seed") == null) {
      assertTrue(TAKEOVERS.get() > 100, "few Leases ran out: the test looks at too little");
      assertTrue(CONFLICTS.get() > 10, "few bindings met: the test looks at too little");
    }
  }
}
