package dev.fareway.scheduler.core;

import static dev.fareway.scheduler.core.Instances.BIG;
import static dev.fareway.scheduler.core.Instances.SECOND;
import static dev.fareway.scheduler.core.Instances.instance;
import static dev.fareway.scheduler.core.Instances.needing;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class ShardTest {
  private static final long GIB = 1L << 30;
  private final Cluster cluster = new Cluster();
  private final Shard shard = new Shard(ShardOptions.DEFAULTS, cluster, new SplittableRandom(1));
  private final Host host = new Host();
  private final PlacementOracle oracle = new PlacementOracle(host);

  ShardTest() {
    shard.classes(List.of(new PricedClass("dear", 2000), new PricedClass("cheap", 500)));
  }

  @Test
  void place_takesTheListedNodeWithTheFewestFunctions_tiesByMemory() {
    node("a", BIG);
    node("b", BIG);
    node("c", BIG);
    listed("a", 2, 9 * GIB);
    listed("b", 1, 2 * GIB);
    listed("c", 1, 3 * GIB);

    offer(instance("x", "dear", 0));
    place();

    assertEquals(Map.of("x", "c"), oracle.placed());
    assertEquals(Map.of(PlacementSink.How.IDLE_LIST, 1), host.how);
  }

  @Test
  void place_chargesAtOnce_soThatABurstSpreads() {
    for (String name : List.of("a", "b", "c")) {
      node(name, BIG);
      listed(name, 0, 4 * GIB);
    }
    for (int i = 0; i < 6; i++) {
      offer(instance("x" + i, "dear", i));
    }
    place();

    for (String name : List.of("a", "b", "c")) {
      assertEquals(2, oracle.placed().values().stream().filter(name::equals).count(), name);
    }
  }

  @Test
  void charge_isTakenBack_whenTheDispatcherHasCountedTheInstance() {
    node("a", BIG);
    listed("a", 0, 4 * GIB);
    offer(instance("x", "dear", 0));
    place();
    assertEquals(1, cluster.functions("a"));

    shard.join("a", new Load(3 * GIB, 1, List.of("x")), 0);

    assertEquals(1, cluster.functions("a"));
  }

  @Test
  void charge_stays_whileTheDispatcherHasNotCountedTheInstance() {
    node("a", BIG);
    listed("a", 0, 4 * GIB);
    offer(instance("x", "dear", 0));
    place();

    shard.join("a", new Load(4 * GIB, 0, List.of()), 0);

    assertEquals(1, cluster.functions("a"));
  }

  @Test
  void place_pollsKDistinctNodes_whenTheIdleListIsEmpty_andTakesTheLeastLoaded() {
    for (int i = 0; i < 10; i++) {
      node("n" + i, BIG);
      cluster.reachable("n" + i, true);
      cluster.heard("n" + i, new Load(GIB, 5, List.of()));
    }
    offer(instance("x", "dear", 0));
    place();
    List<String> asked = host.polled.get(host.openPolls.getFirst());
    assertEquals(3, asked.size());

    cluster.heard(asked.get(1), new Load(GIB, 1, List.of()));
    shard.answered(host.openPolls.removeFirst(), oracle);

    assertEquals(Map.of("x", asked.get(1)), oracle.placed());
  }

  @Test
  void place_doesNotWaitForPollsOfOthers() {
    for (String name : List.of("a", "b")) {
      node(name, BIG);
      cluster.reachable(name, true);
    }
    offer(instance("x", "dear", 0));
    offer(instance("y", "cheap", 0));
    place();

    assertEquals(2, host.openPolls.size());
  }

  @Test
  void place_asksNoOne_whenThereIsNoChoice() {
    node("a", BIG);
    cluster.reachable("a", true);
    offer(instance("x", "dear", 0));
    place();

    assertEquals(Map.of("x", "a"), oracle.placed());
    assertEquals(Map.of(PlacementSink.How.UNASKED, 1), host.how);
  }

  @Test
  void place_hasNoMoreUnderWayThanItMay_pollsIncluded_andKeepsTheOrder() {
    for (String name : List.of("a", "b")) {
      node(name, BIG);
      cluster.reachable(name, true);
    }
    for (int i = 0; i < 10; i++) {
      offer(instance("x" + i, "cheap", i));
    }
    shard.place(SECOND, 3, oracle);
    shard.place(SECOND, 3, oracle);
    assertEquals(3, host.openPolls.size());
    assertEquals(Long.MAX_VALUE, shard.nextDueNanos(), "it waits for answers");

    offer(instance("dear", "dear", 5));
    shard.answered(host.openPolls.removeFirst(), oracle);
    assertEquals(Long.MIN_VALUE, shard.nextDueNanos());
    shard.place(SECOND, 3, oracle);

    assertEquals(3, host.openPolls.size());
    assertTrue(oracle.waiting().contains("dear"));
    shard.answered(host.openPolls.getLast(), oracle);
    assertTrue(oracle.placed().containsKey("dear"), "the dear one was asked for before the cheap");
  }

  @Test
  void place_judgesANodeWithoutDaemonByItsPods() {
    node("a", BIG);
    node("b", BIG);
    cluster.occupy("other", "a", Room.ONE_POD, true, 500);
    offer(instance("x", "dear", 0));
    place();

    assertEquals(Map.of("x", "b"), oracle.placed());
    assertEquals(Map.of(PlacementSink.How.UNASKED, 1), host.how);
  }

  @Test
  void place_skipsListedNodes_thatDoNotSatisfyTheConstraints() {
    var tainted = new Taint("gpu", "yes", "NoSchedule");
    cluster.putNode("gpu", new NodeTraits(Map.of(), Set.of(tainted), true), BIG);
    cluster.putNode("cordoned", new NodeTraits(Map.of(), Set.of(), false), BIG);
    cluster.putNode("ssd", new NodeTraits(Map.of("disk", "ssd"), Set.of(), true), BIG);
    node("small", new Room(100, GIB, 10));
    for (String name : List.of("gpu", "cordoned", "small")) {
      oracle.node(name, BIG);
      listed(name, 0, 8 * GIB);
    }
    oracle.node("ssd", BIG);
    listed("ssd", 9, GIB);
    offer(needing("needs-cpu", "dear", new Room(500, 0, 1), Constraints.NONE));
    offer(
        needing(
            "needs-gpu",
            "dear",
            Room.ONE_POD,
            new Constraints(
                List.of(NodeTerm.named("gpu")),
                List.of(new Toleration("gpu", true, "", "")),
                List.of())));
    place();

    assertEquals(Map.of("needs-cpu", "ssd", "needs-gpu", "gpu"), oracle.placed());
  }

  @Test
  void place_refusesInWords_andTriesAgainWhenNodesChange() {
    node("a", new Room(1000, GIB, 10));
    cluster.putNode("b", new NodeTraits(Map.of(), Set.of(), false), BIG);
    offer(needing("x", "dear", new Room(2000, 0, 1), Constraints.NONE));
    place();
    assertEquals(
        List.of(
            "0 of 2 nodes will do: 1 not ready or cordoned, 1 too small even when empty (the pod"
                + " requests 2000 mCPU and 0 MiB)"),
        messages());

    node("c", BIG);
    shard.place(10 * SECOND, 10, oracle);

    assertEquals(Map.of("x", "c"), oracle.placed());
  }

  @Test
  void place_saysTheSameReasonOnce() {
    offer(instance("x", "dear", 0));
    place();
    cluster.occupy("p", "a", Room.ONE_POD, false, 0);
    cluster.release("p");
    shard.place(10 * SECOND, 10, oracle);

    assertEquals(List.of("there are no nodes"), messages());
  }

  @Test
  void bindFailed_givesTheRoomBack_andRetriesWithTheAgeKept() {
    node("a", BIG);
    listed("a", 0, GIB);
    offer(instance("x", "cheap", 0));
    place();
    shard.bindFailed("x", SECOND);
    oracle.failed("x");
    assertEquals(0, cluster.functions("a"));
    assertTrue(shard.nextDueNanos() > SECOND);
    offer(instance("y", "cheap", SECOND));

    shard.place(5 * SECOND, 1, oracle);

    assertEquals(Set.of("x"), oracle.placed().keySet(), "the older one goes first");
  }

  @Test
  void bindRefused_forgetsTheInstance() {
    node("a", BIG);
    offer(instance("x", "cheap", 0));
    place();

    shard.bindRefused("x");

    assertEquals(0, cluster.functions("a"));
    assertEquals(0, shard.waiting());
  }

  @Test
  void idleList_forgetsWhoDoesNotRenew_andWhoIsGone() {
    for (String name : List.of("a", "b", "c")) {
      node(name, BIG);
      listed(name, 0, GIB);
    }
    shard.join("b", new Load(GIB, 0, List.of()), 10 * SECOND);
    cluster.removeNode("c");

    shard.expire(20 * SECOND);

    assertFalse(shard.lists("a"));
    assertTrue(shard.lists("b"));
    assertEquals(1, shard.idleListLength());
  }

  @Test
  void join_takesTheNodeOffTheOtherList() {
    var other = new Shard(ShardOptions.DEFAULTS, cluster, new SplittableRandom(2));
    node("a", BIG);
    listed("a", 0, GIB);

    other.join("a", new Load(GIB, 0, List.of()), 0);

    assertEquals(0, shard.idleListLength());
    assertEquals(1, other.idleListLength());
  }

  @Test
  void classes_givesBackWhoWaitsInAClassThatIsGone_whereverItWaits() {
    offer(instance("parked", "cheap", 0));
    place();
    offer(instance("queued", "cheap", 0));

    List<Instance> orphans = shard.classes(List.of(new PricedClass("dear", 1)));

    assertEquals(
        Set.of("parked", "queued"), Set.copyOf(orphans.stream().map(Instance::uid).toList()));
    assertEquals(0, shard.waiting());
  }

  private void node(String name, Room allocatable) {
    cluster.putNode(name, NodeTraits.PLAIN, allocatable);
    oracle.node(name, allocatable);
  }

  private void listed(String name, int functions, long memory) {
    cluster.reachable(name, true);
    shard.join(name, new Load(memory, functions, List.of()), 0);
  }

  private void offer(Instance instance) {
    assertEquals(Shard.Added.QUEUED, shard.add(instance));
    oracle.offered(instance);
  }

  private List<String> messages() {
    return host.refusals.stream().map(Refusal::message).toList();
  }

  private void place() {
    shard.place(SECOND, 100, oracle);
    oracle.check(cluster, List.of(shard), SECOND);
  }
}
