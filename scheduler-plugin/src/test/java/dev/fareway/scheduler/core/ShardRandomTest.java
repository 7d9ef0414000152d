package dev.fareway.scheduler.core;

import static dev.fareway.scheduler.core.Instances.BIG;
import static dev.fareway.scheduler.core.Instances.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;

/**
 * Anything may happen to two shards in any order. The oracle sees to the invariants; in the end
 * everyone has a node; and the same seed gives the same decisions.
 */
@NullUnmarked
class ShardRandomTest {
  private static final Map<String, Long> PRICES =
      Map.of("dear", 2000L, "fair", 1500L, "cheap", 500L);
  private static final AtomicInteger PREEMPTIONS = new AtomicInteger();
  private static final List<NodeTraits> TRAITS =
      List.of(
          NodeTraits.PLAIN,
          new NodeTraits(Map.of("zone", "a"), Set.of(), true),
          new NodeTraits(Map.of("zone", "b", "disk", "ssd"), Set.of(), true),
          new NodeTraits(Map.of("zone", "b"), Set.of(new Taint("gpu", "", "NoSchedule")), true),
          new NodeTraits(Map.of(), Set.of(), false));
  private static final List<Constraints> CONSTRAINTS =
      List.of(
          Constraints.NONE,
          Constraints.NONE,
          zone("a"),
          zone("b"),
          new Constraints(List.of(NodeTerm.named("n3", "n4")), List.of(), List.of()),
          new Constraints(
              List.of(),
              List.of(new Toleration("gpu", true, "", "")),
              List.of(new Preference(zone("b").terms().getFirst(), 5))));
  private static final List<Room> NEEDS =
      List.of(
          Room.ONE_POD,
          new Room(500, 1 << 20, 1),
          new Room(1000, 0, 1, Map.of("gpus", 1L), List.of()),
          new Room(0, 0, 1, Map.of(), List.of(new HostPort("TCP", "", 80))));

  @RepeatedTest(30)
  void shards_keepTheirInvariants_andAreRepeatable() {
    long seed = Seeds.next();
    assertEquals(new Run(seed).decisions(), new Run(seed).decisions(), "seed " + seed);
  }

  @AfterAll
  static void preemption_happened() {
    assertTrue(PREEMPTIONS.get() > 0, "nobody was preempted: the test looks at too little");
  }

  private static Constraints zone(String zone) {
    return new Constraints(
        List.of(NodeTerm.of(new Requirement("zone", Requirement.Operator.IN, Set.of(zone)))),
        List.of(),
        List.of());
  }

  /** One course of events. */
  private static final class Run {
    private final long seed;
    private final SplittableRandom random;
    private final Cluster cluster = new Cluster();
    private final List<Shard> shards = new ArrayList<>();
    private final Host host = new Host();
    private final PlacementOracle oracle = new PlacementOracle(host);
    private final Map<String, Room> nodes = new HashMap<>();
    private final Map<String, Instance> bound = new LinkedHashMap<>();
    private final Map<String, Instance> alive = new LinkedHashMap<>();
    private final Map<Long, Integer> shardOfPoll = new HashMap<>();
    private long now;
    private int next;

    Run(long seed) {
      this.seed = seed;
      this.random = new SplittableRandom(seed);
      var options =
          new ShardOptions(
              QueueDiscipline.PRICE_TIMES_WAIT,
              1_000,
              3,
              15 * SECOND,
              SECOND / 20,
              SECOND,
              true,
              5 * SECOND,
              SECOND);
      for (int i = 0; i < 2; i++) {
        var shard = new Shard(options, cluster, random.split());
        shard.classes(
            List.of(
                new PricedClass("dear", 2000),
                new PricedClass("fair", 1500),
                new PricedClass("cheap", 500)));
        shards.add(shard);
      }
    }

    List<String> decisions() {
      try {
        for (int step = 0; step < 2_000; step++) {
          now += random.nextInt(50_000_000);
          step();
          oracle.check(cluster, shards, now);
        }
        makeRoomForAll();
      } catch (IllegalStateException | AssertionError e) {
        throw new AssertionError("with -Dfareway.seed=" + seed, e);
      }
      assertEquals(Set.of(), oracle.waiting(), "seed " + seed);
      return host.decisions;
    }

    private void step() {
      String node = "n" + random.nextInt(12);
      int which = random.nextInt(shards.size());
      Shard shard = shards.get(which);
      switch (random.nextInt(15)) {
        case 0, 1 -> {
          NodeTraits traits = TRAITS.get(random.nextInt(TRAITS.size()));
          // Room only grows: otherwise a node may rightly hold more than it has.
          Room room =
              nodes.getOrDefault(
                  node,
                  new Room(3000, 1L << 30, 2 + random.nextInt(4), Map.of("gpus", 1L), List.of()));
          nodes.put(node, room);
          oracle.node(node, room);
          cluster.putNode(node, traits, room);
        }
        case 2 -> {
          if (random.nextInt(6) == 0 && !oracle.placed().containsValue(node)) {
            nodes.remove(node);
            oracle.nodeGone(node);
            cluster.removeNode(node);
          }
        }
        case 3 -> {
          if (nodes.containsKey(node)) {
            List<String> counted =
                oracle.placed().entrySet().stream()
                    .filter(entry -> entry.getValue().equals(node))
                    .map(Map.Entry::getKey)
                    .toList();
            cluster.reachable(node, true);
            shard.join(node, new Load(random.nextLong(1L << 30), counted.size(), counted), now);
          }
        }
        case 4 -> shard.leave(node);
        case 5 -> cluster.reachable(node, false);
        case 6, 7, 8 -> arrive(which);
        case 9 -> somePlaced().ifPresent(this::bindingEnds);
        case 10 -> {
          if (!alive.isEmpty() && random.nextInt(3) == 0) {
            end(List.copyOf(alive.keySet()).get(random.nextInt(alive.size())));
          }
        }
        case 11 -> answerSome();
        case 12 -> evictSome();
        default -> {
          shard.expire(now);
          place(which, random.nextInt(6));
        }
      }
    }

    private void arrive(int which) {
      long age = random.nextInt(4) == 0 ? random.nextLong(5 * SECOND) : 0;
      var instance =
          new Instance(
              "i" + next++,
              "f",
              List.of("dear", "fair", "cheap").get(random.nextInt(3)),
              Math.max(0, now - age),
              random.nextInt(1 << 20),
              NEEDS.get(random.nextInt(NEEDS.size())),
              CONSTRAINTS.get(random.nextInt(CONSTRAINTS.size())));
      assertEquals(Shard.Added.QUEUED, shards.get(which).add(instance));
      alive.put(instance.uid(), instance);
      oracle.offered(instance);
    }

    private Optional<String> somePlaced() {
      List<String> placed = oracle.placed().keySet().stream().sorted().toList();
      return placed.isEmpty()
          ? Optional.empty()
          : Optional.of(placed.get(random.nextInt(placed.size())));
    }

    private void bindingEnds(String uid) {
      if (bound.containsKey(uid)) {
        return;
      }
      if (random.nextBoolean()) {
        shards.forEach(shard -> shard.bindFailed(uid, now));
        oracle.failed(uid);
      } else {
        Instance instance = alive.get(uid);
        cluster.occupy(
            uid,
            oracle.placed().get(uid),
            instance.needs(),
            true,
            PRICES.get(instance.priceClass()));
        shards.forEach(shard -> shard.remove(uid));
        bound.put(uid, instance);
      }
    }

    private void end(String uid) {
      shards.forEach(shard -> shard.remove(uid));
      cluster.release(uid);
      oracle.ended(uid);
      alive.remove(uid);
      bound.remove(uid);
    }

    private void place(int which, int max) {
      shards.get(which).place(now, max, new Marking(which));
    }

    private void answerSome() {
      for (long key : List.copyOf(shardOfPoll.keySet()).stream().sorted().toList()) {
        if (random.nextBoolean()) {
          answer(key);
        }
      }
    }

    /** Some who were asked to leave do, others can't be made to. */
    private void evictSome() {
      for (String uid :
          host.victims.values().stream().flatMap(List::stream).map(Victim::uid).sorted().toList()) {
        if (alive.containsKey(uid)) {
          if (random.nextBoolean()) {
            end(uid);
          } else {
            shards.forEach(shard -> shard.stayed(uid, now + SECOND));
          }
        }
      }
      host.victims.clear();
    }

    private void answer(long key) {
      int which = shardOfPoll.remove(key);
      shards.get(which).answered(key >> 1, oracle);
    }

    private void makeRoomForAll() {
      for (var traits : TRAITS.subList(1, 3)) {
        String name = "last-" + traits.labels().get("zone");
        var room =
            new Room(
                BIG.milliCpus(), BIG.memoryBytes(), BIG.pods(), Map.of("gpus", 1000L), List.of());
        oracle.node(name, room);
        cluster.putNode(name, traits, room);
      }
      // Who wants a port of the host, or one of two nodes, may have to wait for others to end.
      for (int round = 0; round < 2_000 && !oracle.waiting().isEmpty(); round++) {
        now += SECOND;
        for (int which = 0; which < shards.size(); which++) {
          place(which, 1_000);
        }
        List.copyOf(shardOfPoll.keySet()).stream().sorted().forEach(this::answer);
        for (String name : List.of("n3", "n4")) {
          var room = new Room(4000, 1L << 30, 8, Map.of("gpus", 8L), List.of());
          nodes.put(name, room);
          oracle.node(name, room);
          cluster.putNode(name, NodeTraits.PLAIN, room);
        }
        oracle.placed().keySet().stream().sorted().findFirst().ifPresent(this::end);
        oracle.check(cluster, shards, now);
      }
    }

    /** Remembers which shard asked. */
    private final class Marking implements PlacementSink {
      private final int which;

      Marking(int which) {
        this.which = which;
      }

      @Override
      public void bind(Instance instance, String node, How how) {
        oracle.bind(instance, node, how);
      }

      @Override
      public void poll(long pollId, Instance instance, List<String> nodes) {
        oracle.poll(pollId, instance, nodes);
        shardOfPoll.put(pollId << 1 | which, which);
      }

      @Override
      public void preempt(Instance instance, String node, List<Victim> victims) {
        oracle.preempt(instance, node, victims);
        PREEMPTIONS.incrementAndGet();
      }

      @Override
      public void promiseEnded(Instance instance, String node) {
        oracle.promiseEnded(instance, node);
      }

      @Override
      public void refused(Instance instance, Refusal refusal) {
        oracle.refused(instance, refusal);
      }
    }
  }
}
