package dev.fareway.scheduler.core;

import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Whole decisions of a shard: which instance is next, which node it gets, and the charge.
 *
 * <p>The state is steady: 1,000 instances of four classes wait, and four a node run. For each that
 * is placed, the one placed longest ago ends on its node and arrives again as the youngest, at the
 * end of the queue. So a figure holds a decision, and besides it an end and an arrival. Nothing is
 * asked over a network: power of k goes by what is known, in {@code polled} with the two halves
 * apart as with a host that asks.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms1g", "-Xmx1g", "-XX:+UseSerialGC"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Threads(1)
@State(Scope.Thread)
public class PlacementBenchmark implements PlacementSink {
  private static final int WAITING = 1_000;
  private static final int RUNNING_PER_NODE = 4;
  private static final long GIB = 1L << 30;

  /** How many nodes there are. */
  @Param({"100", "10000", "100000"})
  public int nodes;

  /** How a node is found. */
  @Param({"idleList", "powerOfK", "polled"})
  public String way = "";

  private Shard shard = new Shard(ShardOptions.DEFAULTS, new Cluster(), new SplittableRandom(1));
  private Ticket[] placed = {};
  private int oldest;
  private long now;
  private long openPoll;
  private long bound;

  /** A cluster of nodes, and a shard in the middle of its work. */
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
    var room = new Room(1_000_000, 1L << 42, 1_000_000);
    for (int i = 0; i < nodes; i++) {
      String name = "node-" + i;
      cluster.putNode(name, NodeTraits.PLAIN, room);
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
    placed = new Ticket[RUNNING_PER_NODE * nodes];
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
        Ticket next = shard.next(now);
        placed[i - WAITING] = Objects.requireNonNull(next);
        decide();
      }
    }
  }

  /** One decision; and one instance ends and another arrives. */
  @Benchmark
  public long decision() {
    now += 1000;
    Ticket ended = placed[oldest];
    placed[oldest] = Objects.requireNonNull(shard.next(now));
    decide();
    oldest = oldest + 1 == placed.length ? 0 : oldest + 1;
    shard.again(ended, now);
    return bound;
  }

  private void decide() {
    shard.place(now, 1, this);
    if (way.equals("polled")) {
      shard.answered(openPoll, this);
    }
  }

  @Override
  public void bind(Instance instance, String node, How how) {
    bound++;
  }

  @Override
  public void poll(long pollId, Instance instance, List<String> asked) {
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
