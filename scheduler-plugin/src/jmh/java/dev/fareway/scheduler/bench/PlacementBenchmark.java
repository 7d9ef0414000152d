package dev.fareway.scheduler.bench;

import dev.fareway.scheduler.core.Cluster;
import dev.fareway.scheduler.core.Constraints;
import dev.fareway.scheduler.core.Instance;
import dev.fareway.scheduler.core.Load;
import dev.fareway.scheduler.core.NodeTraits;
import dev.fareway.scheduler.core.PlacementSink;
import dev.fareway.scheduler.core.PricedClass;
import dev.fareway.scheduler.core.QueueDiscipline;
import dev.fareway.scheduler.core.Room;
import dev.fareway.scheduler.core.Shard;
import dev.fareway.scheduler.core.ShardOptions;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Whole placement decisions of a shard: the next instance out of three price classes, its node, the
 * charge.
 *
 * <p>For a steady state each placement fails to bind and comes back, so a figure also holds the way
 * back: the charge withdrawn, the instance queued again in the place of its age. What a decision
 * costs alone is less.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PlacementBenchmark {
  private static final int BATCH = 1_000;
  private static final long FOREVER = Long.MAX_VALUE / 4;
  private static final List<PricedClass> CLASSES =
      List.of(
          new PricedClass("interactive", 2000),
          new PricedClass("standard", 1500),
          new PricedClass("batch", 500));

  /** Number of nodes in the cluster. */
  @Param({"100", "10000", "100000"})
  int nodes = 100;

  /** Where nodes come from: all of them on the idle list, or none and power of k choices. */
  @Param({"idleList", "powerOfK"})
  String how = "idleList";

  private Shard shard = shard(new Cluster());
  private final Sink sink = new Sink();
  private long now = 1_000_000;

  /** Fills the cluster and the queue. */
  @Setup
  public void fill() {
    var random = new SplittableRandom(1);
    var cluster = new Cluster();
    shard = shard(cluster);
    shard.classes(CLASSES);
    var room = new Room(1L << 40, 1L << 60, 1L << 40);
    for (int i = 0; i < nodes; i++) {
      String name = "node-" + i;
      cluster.putNode(name, NodeTraits.PLAIN, room);
      if (how.equals("idleList")) {
        cluster.reachable(name, true);
        shard.join(name, new Load(random.nextLong(1L << 36), random.nextInt(50), List.of()), 0);
      }
    }
    for (int i = 0; i < BATCH; i++) {
      shard.add(
          new Instance(
              "uid-" + i,
              "function-" + i % 20,
              CLASSES.get(i % CLASSES.size()).name(),
              random.nextLong(1_000_000),
              100L << 20,
              Room.ONE_POD,
              Constraints.NONE));
    }
  }

  /** Places a batch; each of it comes back. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int place() {
    sink.placed = 0;
    now += 10;
    shard.place(now, BATCH, sink);
    if (sink.placed != BATCH) {
      throw new IllegalStateException("placed %d of %d".formatted(sink.placed, BATCH));
    }
    for (Instance instance : sink.instances) {
      shard.bindFailed(instance.uid(), now);
    }
    return sink.placed;
  }

  private static Shard shard(Cluster cluster) {
    return new Shard(
        new ShardOptions(QueueDiscipline.PRICE_TIMES_WAIT, 10 * BATCH, 3, FOREVER, 1, 1, 0),
        cluster,
        new SplittableRandom(2));
  }

  private static final class Sink implements PlacementSink {
    final Instance[] instances = new Instance[BATCH];
    int placed;

    @Override
    public void bind(Instance instance, String node, How by) {
      instances[placed++] = instance;
    }

    @Override
    public void poll(long pollId, Instance instance, List<String> asked) {
      throw new IllegalStateException("no node can be asked");
    }

    @Override
    public void refused(Instance instance, String reason) {
      throw new IllegalStateException(reason);
    }
  }
}
