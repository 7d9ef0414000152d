package dev.fareway.scheduler.core;

import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A shard in the middle of its work, in a steady state: 1,000 to 2,000 instances of four classes
 * wait, and four a node run. Those that were placed longest ago end on their nodes and arrive again
 * as the youngest, at the end of the queue.
 *
 * <p>Nothing is asked over a network: power of k goes by what is known, in {@code polled} with the
 * two halves apart as with a host that asks.
 */
@State(Scope.Thread)
public class BusyShard implements PlacementSink {
  private static final int WAITING = 1_000;
  private static final int RUNNING_PER_NODE = 4;
  private static final int K = ShardOptions.DEFAULTS.k();
  private static final long GIB = 1L << 30;

  /** How many nodes there are. */
  @Param({"100", "10000", "100000"})
  public int nodes;

  /** How a node is found. */
  @Param({"idleList", "powerOfK", "polled"})
  public String way = "";

  private Shard shard = new Shard(ShardOptions.DEFAULTS, new Cluster(), new SplittableRandom(1));
  private Eligibility eligibility = new Eligibility(Constraints.NONE);
  private final Lookahead lookahead = new Lookahead(K, new SplittableRandom(3));
  private Ticket[] placed = {};
  private int oldest;
  private int newest;
  private long now;
  private long openPoll;
  private long bound;

  /** A cluster of nodes, and a shard that has placed four a node. */
  @Setup(Level.Trial)
  public void fill() {
    var cluster = new Cluster();
    shard = new Shard(ShardOptions.DEFAULTS, cluster, new SplittableRandom(42));
    shard.classes(
        List.of(
            new PricedClass("a", 2000),
            new PricedClass("b", 1500),
            new PricedClass("c", 1000),
            new PricedClass("d", 500)));
    var random = new SplittableRandom(7);
    for (int i = 0; i < nodes; i++) {
      String name = "node-" + i;
      cluster.putNode(name, NodeTraits.PLAIN, new Room(1_000_000, 1L << 42, 1_000_000));
      if (!way.equals("powerOfK")) {
        cluster.reachable(name, true);
      }
      var load = new Load(random.nextLong(64 * GIB), 0, List.of());
      if (way.equals("idleList")) {
        // Renewed long after the end: that entries expire is not what is measured.
        shard.join(name, load, Long.MAX_VALUE / 2);
      } else {
        cluster.heard(name, load);
      }
    }
    placed = new Ticket[RUNNING_PER_NODE * nodes + PlacementBenchmark.BATCH];
    for (int i = 0; i < placed.length + WAITING; i++) {
      now += 1000;
      shard.add(
          new Instance(
              "uid-" + i,
              "f",
              List.of("a", "b", "c", "d").get(i % 4),
              now,
              64L << 20,
              new Room(100, 64L << 20, 1),
              Constraints.NONE));
      if (i >= WAITING) {
        place(1);
      }
    }
    eligibility = cluster.refreshed(placed[0].shape.eligibility);
    // As after some time in service: what lives long stands together.
    System.gc();
  }

  /** Takes so many decisions. */
  long place(int count) {
    for (int i = 0; i < count; i++) {
      now += 1000;
      placed[newest] = Objects.requireNonNull(shard.next(now));
      newest = newest + 1 == placed.length ? 0 : newest + 1;
      shard.place(now, 1, this);
      if (openPoll != 0) {
        shard.answered(openPoll, this);
        openPoll = 0;
      }
    }
    return bound;
  }

  /** Draws for so many decisions and reads what is drawn, and no more. */
  long read(int count) {
    long drawn = 0;
    for (int i = 0; i < count; i++) {
      lookahead.begin(eligibility);
      for (int j = 0; j < K; j++) {
        drawn += lookahead.draw(nodes);
      }
    }
    return drawn;
  }

  /** So many end, and as many arrive. */
  void endAndArrive(int count) {
    for (int i = 0; i < count; i++) {
      now++;
      shard.again(placed[oldest], now);
      oldest = oldest + 1 == placed.length ? 0 : oldest + 1;
    }
  }

  /** How many nodes a decision looks at, on an average over so many. */
  public double looksPerDecision(int decisions) {
    long before = shard.looks();
    for (int i = 0; i < decisions; i++) {
      endAndArrive(1);
      place(1);
    }
    return (double) (shard.looks() - before) / decisions;
  }

  @Override
  public void bind(Instance instance, String node, How how) {
    bound++;
  }

  @Override
  public void poll(long pollId, Instance instance, List<String> names) {
    openPoll = pollId;
  }

  @Override
  public void preempt(Instance instance, String node, List<Victim> victims) {
    throw new IllegalStateException("there is room");
  }

  @Override
  public void refused(Instance instance, Refusal refusal) {
    throw new IllegalStateException(refusal.message());
  }
}
