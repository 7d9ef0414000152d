package dev.fareway.scheduler.core;

import static dev.fareway.scheduler.core.Instances.BIG;
import static dev.fareway.scheduler.core.Instances.SECOND;
import static dev.fareway.scheduler.core.Instances.instance;
import static dev.fareway.scheduler.core.Instances.needing;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

@NullUnmarked
class ShardTest {
  private static final long GIB = 1L << 30;
  private final Cluster cluster = new Cluster();
  private final Shard shard = new Shard(ShardOptions.DEFAULTS, cluster, new SplittableRandom(1));
  private final PlacementOracle oracle = new PlacementOracle();

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

    assertEquals(Map.of("x", "c"), oracle.placed);
    assertEquals(Map.of(PlacementSink.How.IDLE_LIST, 1), oracle.how);
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
      assertEquals(2, oracle.placed.values().stream().filter(name::equals).count(), name);
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
    List<String> asked = oracle.polled.get(oracle.openPolls.getFirst());
    assertEquals(3, asked.size());

    cluster.heard(asked.get(1), new Load(GIB, 1, List.of()));
    shard.answered(oracle.openPolls.removeFirst(), oracle);

    assertEquals(Map.of("x", asked.get(1)), oracle.placed);
  }

  @Test
  void place_doesNotWaitForPollsOfOthers() {
    node("a", BIG);
    cluster.reachable("a", true);
    offer(instance("x", "dear", 0));
    offer(instance("y", "cheap", 0));
    place();

    assertEquals(2, oracle.openPolls.size());
  }

  @Test
  void place_judgesANodeWithoutDaemonByItsPods() {
    node("a", BIG);
    node("b", BIG);
    cluster.occupy("other", "a", Room.ONE_POD, true);
    offer(instance("x", "dear", 0));
    place();

    assertEquals(Map.of("x", "b"), oracle.placed);
    assertEquals(Map.of(PlacementSink.How.UNASKED, 1), oracle.how);
  }

  @Test
  void place_skipsListedNodes_thatDoNotSatisfyTheConstraints() {
    var tainted = new Taint("gpu", "yes", "NoSchedule");
    cluster.putNode("gpu", new NodeTraits(Map.of(), Set.of(tainted), true), BIG);
    cluster.putNode("cordoned", new NodeTraits(Map.of(), Set.of(), false), BIG);
    cluster.putNode("ssd", new NodeTraits(Map.of("disk", "ssd"), Set.of(), true), BIG);
    node("small", new Room(100, GIB, 10));
    for (String name : List.of("gpu", "cordoned", "small")) {
      oracle.allocatable.put(name, BIG);
      listed(name, 0, 8 * GIB);
    }
    oracle.allocatable.put("ssd", BIG);
    listed("ssd", 9, GIB);
    offer(needing("needs-cpu", "dear", new Room(500, 0, 1), Constraints.NONE));
    offer(
        needing(
            "needs-gpu",
            "dear",
            Room.ONE_POD,
            new Constraints(
                List.of(), Set.of("gpu"), List.of(new Toleration("gpu", true, "", "")))));
    place();

    assertEquals(Map.of("needs-cpu", "ssd", "needs-gpu", "gpu"), oracle.placed);
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
        oracle.refusals);

    node("c", BIG);
    shard.place(10 * SECOND, 10, oracle);

    assertEquals(Map.of("x", "c"), oracle.placed);
  }

  @Test
  void place_saysTheSameReasonOnce() {
    offer(instance("x", "dear", 0));
    place();
    cluster.occupy("p", "a", Room.ONE_POD, false);
    cluster.release("p");
    shard.place(10 * SECOND, 10, oracle);

    assertEquals(List.of("there are no nodes"), oracle.refusals);
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

    assertEquals(Set.of("x"), oracle.placed.keySet(), "the older one goes first");
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

  /**
   * Anything may happen in any order; the oracle sees to the invariants, and in the end everyone
   * has a node.
   */
  @RepeatedTest(20)
  void shard_keepsItsInvariants_overRandomRuns() {
    long seed = Seeds.next();
    List<String> first = randomRun(seed);
    assertEquals(first, randomRun(seed), "the same seed gives the same decisions");
  }

  private static List<String> randomRun(long seed) {
    var random = new SplittableRandom(seed);
    var cluster = new Cluster();
    var shard = new Shard(ShardOptions.DEFAULTS, cluster, random.split());
    shard.classes(List.of(new PricedClass("dear", 2000), new PricedClass("cheap", 500)));
    var oracle = new PlacementOracle();
    long now = 0;
    int next = 0;
    for (int step = 0; step < 3_000; step++) {
      now += random.nextInt(100_000_000);
      String name = "n" + random.nextInt(12);
      List<String> placed = oracle.placed.keySet().stream().sorted().toList();
      String some = placed.isEmpty() ? null : placed.get(random.nextInt(placed.size()));
      switch (random.nextInt(12)) {
        case 0 -> {
          var room = new Room(1 << 20, 1L << 40, 4 + random.nextInt(4));
          if (!oracle.allocatable.containsKey(name)) {
            oracle.allocatable.put(name, room);
            cluster.putNode(name, NodeTraits.PLAIN, room);
          }
        }
        case 1 -> {
          if (random.nextInt(8) == 0 && !oracle.placed.containsValue(name)) {
            oracle.allocatable.remove(name);
            cluster.removeNode(name);
          }
        }
        case 2 -> {
          if (oracle.allocatable.containsKey(name)) {
            cluster.reachable(name, true);
            long count = oracle.placed.values().stream().filter(name::equals).count();
            shard.join(
                name,
                new Load(random.nextLong(GIB), (int) count, List.copyOf(oracle.placed.keySet())),
                now);
          }
        }
        case 3 -> shard.leave(name);
        case 4 -> cluster.reachable(name, false);
        case 5, 6 -> {
          Instance instance = instance("i" + next++, random.nextBoolean() ? "dear" : "cheap", now);
          assertEquals(Shard.Added.QUEUED, shard.add(instance));
          oracle.offered(instance);
        }
        case 7 -> {
          if (some != null) {
            // Only a binding in flight can fail; a confirmed one is in the watch and removed from
            // the shard.
            shard.bindFailed(some, now);
            if (shard.knows(some)) {
              oracle.failed(some);
            }
          }
        }
        case 8 -> {
          if (some != null) {
            String on = oracle.placed.get(some);
            cluster.occupy(some, on == null ? "" : on, Room.ONE_POD, true);
            shard.remove(some);
          }
        }
        case 9 -> {
          if (some != null) {
            shard.remove(some);
            cluster.release(some);
            oracle.ended(some);
          }
        }
        case 10 -> {
          for (long poll : List.copyOf(oracle.openPolls)) {
            if (random.nextBoolean()) {
              oracle.openPolls.remove(poll);
              shard.answered(poll, oracle);
            }
          }
        }
        default -> {
          shard.expire(now);
          shard.place(now, random.nextInt(4), oracle);
        }
      }
      assertEquals(
          oracle.waiting.size(),
          shard.waiting(),
          "seed %d, step %d: none is lost".formatted(seed, step));
    }
    // Room for all: no one is left.
    oracle.allocatable.put("last", BIG);
    cluster.putNode("last", NodeTraits.PLAIN, BIG);
    for (int i = 0; i < 10; i++) {
      now += 20 * SECOND;
      shard.place(now, Integer.MAX_VALUE, oracle);
      for (long poll : new ArrayList<>(oracle.openPolls)) {
        oracle.openPolls.remove(poll);
        shard.answered(poll, oracle);
      }
    }
    assertEquals(Map.of(), oracle.waiting, "seed " + seed);
    return oracle.decisions;
  }

  private void node(String name, Room allocatable) {
    cluster.putNode(name, NodeTraits.PLAIN, allocatable);
    oracle.allocatable.put(name, allocatable);
  }

  private void listed(String name, int functions, long memory) {
    cluster.reachable(name, true);
    shard.join(name, new Load(memory, functions, List.of()), 0);
  }

  private void offer(Instance instance) {
    assertEquals(Shard.Added.QUEUED, shard.add(instance));
    oracle.offered(instance);
  }

  private void place() {
    shard.place(SECOND, 100, oracle);
  }
}
