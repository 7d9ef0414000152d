package dev.fareway.scheduler.core;

import static dev.fareway.scheduler.core.Instances.SECOND;
import static dev.fareway.scheduler.core.Instances.needing;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class PreemptionTest {
  private static final Room CPU = new Room(1000, 0, 1);
  private final Cluster cluster = new Cluster();
  private final Shard shard = new Shard(ShardOptions.DEFAULTS, cluster, new SplittableRandom(1));
  private final Host host = new Host();
  private final PlacementOracle oracle = new PlacementOracle(host);
  private long now = SECOND;

  PreemptionTest() {
    shard.classes(
        List.of(
            new PricedClass("dear", 2000),
            new PricedClass("fair", 1000),
            new PricedClass("cheap", 500)));
  }

  @Test
  void dearer_evictsTheCheapest_andIsBoundWhenItHasLeft() {
    node("a", 2000);
    running("f", "a", 1000, 1000);
    running("c", "a", 1000, 500);

    offer(needing("x", "dear", CPU, Constraints.NONE));
    place();

    assertEquals(Map.of("x", List.of(new Victim("c", 500))), host.victims);
    assertEquals(List.of(), host.decisions);
    gone("c");
    place();
    assertEquals(List.of("x>a"), host.decisions);
    assertEquals(Map.of(PlacementSink.How.PREEMPTED, 1), host.how);
  }

  @Test
  void victims_areTheFewest() {
    node("a", 1000);
    running("c1", "a", 500, 500);
    running("c2", "a", 500, 500);
    node("b", 1000);
    running("f", "b", 1000, 1000);

    offer(needing("x", "dear", CPU, Constraints.NONE));
    place();

    assertEquals(Map.of("x", List.of(new Victim("f", 1000))), host.victims);
  }

  @Test
  void victims_areNotMoreThanNeeded_theDearestStay() {
    node("a", 3000);
    running("c", "a", 1000, 500);
    running("small", "a", 500, 400);
    running("f", "a", 1500, 1000);

    offer(needing("x", "dear", CPU, Constraints.NONE));
    place();

    assertEquals(Map.of("x", List.of(new Victim("c", 500))), host.victims);
  }

  @Test
  void nobodyLeaves_forOneOfTheSamePrice_orACheaper() {
    node("a", 1000);
    running("f", "a", 1000, 1000);

    offer(needing("x", "fair", CPU, Constraints.NONE));
    offer(needing("y", "cheap", CPU, Constraints.NONE));
    place();

    assertEquals(Map.of(), host.victims);
    assertEquals(2, shard.waiting());
  }

  @Test
  void whatIsNoFunction_neverLeaves() {
    node("a", 1000);
    cluster.occupy("system", "a", CPU, false, 0);
    oracle.offered(needing("system", "cheap", CPU, Constraints.NONE));
    oracle.bind(needing("system", "cheap", CPU, Constraints.NONE), "a", PlacementSink.How.UNASKED);

    offer(needing("x", "dear", CPU, Constraints.NONE));
    place();

    assertEquals(Map.of(), host.victims);
  }

  @Test
  void whoIsLeavingAlready_isNotFollowedByAnother() {
    node("a", 2000);
    running("c1", "a", 1000, 500);
    running("c2", "a", 1000, 500);
    cluster.leaving("c1");

    offer(needing("x", "dear", CPU, Constraints.NONE));
    place();

    assertEquals(Map.of("x", List.of()), host.victims);
    gone("c1");
    place();
    assertEquals(List.of("x>a"), host.decisions);
  }

  @Test
  void freedRoom_isKeptForWhomItWasFreed() {
    node("a", 1000);
    running("c", "a", 1000, 500);
    offer(needing("x", "fair", CPU, Constraints.NONE));
    place();

    offer(needing("y", "dear", CPU, Constraints.NONE));
    gone("c");
    place();

    assertEquals(List.of("x>a"), host.decisions);
  }

  @Test
  void victimThatStays_isLeftAlone_andAnotherIsSought() {
    node("a", 1000);
    running("c1", "a", 1000, 500);
    node("b", 1000);
    running("c2", "b", 1000, 600);
    offer(needing("x", "dear", CPU, Constraints.NONE));
    place();
    assertEquals(Map.of("x", List.of(new Victim("c1", 500))), host.victims);

    shard.stayed("c1", now + 60 * SECOND);
    now += 2 * SECOND;
    place();

    assertEquals(Map.of("x", List.of(new Victim("c2", 600))), host.victims);
    assertEquals(List.of("x>a"), host.endedPromises);
  }

  @Test
  void promise_endsInTime_ifNobodyLeaves() {
    node("a", 1000);
    running("c", "a", 1000, 500);
    offer(needing("x", "dear", CPU, Constraints.NONE));
    place();
    assertTrue(shard.nextDueNanos() > now);

    now += ShardOptions.DEFAULTS.nominationNanos();
    assertTrue(shard.nextDueNanos() <= now);
    host.victims.clear();
    place();

    assertEquals(List.of("x>a"), host.endedPromises);
    // Nobody is asked twice; the one asked is waited for again.
    assertEquals(Map.of("x", List.of()), host.victims);
    assertEquals(1, shard.waiting());
  }

  @Test
  void instanceThatGoesMeanwhile_leavesNothingBehind() {
    node("a", 1000);
    running("c", "a", 1000, 500);
    offer(needing("x", "dear", CPU, Constraints.NONE));
    place();

    shard.remove("x");
    cluster.release("x");
    oracle.ended("x");
    place();

    assertEquals(0, shard.waiting());
    assertEquals(1, cluster.functions("a"));
  }

  private void node(String name, long milliCpus) {
    var room = new Room(milliCpus, 1L << 30, 100);
    cluster.putNode(name, NodeTraits.PLAIN, room);
    oracle.node(name, room);
  }

  private void running(String uid, String node, long milliCpus, long price) {
    var room = new Room(milliCpus, 0, 1);
    cluster.occupy(uid, node, room, true, price);
    Instance instance = needing(uid, "any", room, Constraints.NONE);
    oracle.offered(instance);
    oracle.bind(instance, node, PlacementSink.How.UNASKED);
    host.decisions.clear();
    host.how.clear();
  }

  private void gone(String uid) {
    cluster.release(uid);
    oracle.ended(uid);
  }

  private void offer(Instance instance) {
    assertEquals(Shard.Added.QUEUED, shard.add(instance));
    oracle.offered(instance);
  }

  private void place() {
    shard.place(now, 100, oracle);
    oracle.check(cluster, List.of(shard), now);
  }
}
