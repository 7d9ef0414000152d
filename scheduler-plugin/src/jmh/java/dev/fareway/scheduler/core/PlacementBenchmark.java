package dev.fareway.scheduler.core;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
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
 * <p>{@link #decision} takes {@value #BATCH} of them; between two of these calls, and not measured,
 * as many instances end and as many arrive. {@link #turn} measures that as well: a decision, an end
 * and an arrival. {@link #reading} measures what of a decision is waiting for memory.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Threads(1)
public class PlacementBenchmark {
  /** How many decisions one call of {@link #decision} takes. */
  static final int BATCH = 1_000;

  /** A shard that has as much to place before each call as a call places. */
  @State(Scope.Thread)
  public static class RefilledShard extends BusyShard {
    /** As many end and arrive as are placed. */
    @Setup(Level.Invocation)
    public void refill() {
      endAndArrive(BATCH);
    }
  }

  /** The nodes of a shard by power of k, and what reads those that are drawn, without deciding. */
  @State(Scope.Thread)
  public static class DrawnNodes {
    /** How many nodes there are. */
    @Param({"100", "10000", "100000"})
    public int nodes;

    private final BusyShard shard = new BusyShard();

    /** A cluster of nodes, and a shard that has placed four a node. */
    @Setup(Level.Trial)
    public void fill() {
      shard.way = "powerOfK";
      shard.nodes = nodes;
      shard.fill();
    }
  }

  /** As many decisions as a call is counted for. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long decision(RefilledShard shard) {
    return shard.place(BATCH);
  }

  /** One instance ends, another arrives, and one is placed. */
  @Benchmark
  public long turn(BusyShard shard) {
    shard.endAndArrive(1);
    return shard.place(1);
  }

  /**
   * What power of k reads of the nodes that it draws, once a decision and with nothing beside: what
   * this takes longer with more nodes, memory takes longer.
   */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long reading(DrawnNodes drawn) {
    return drawn.shard.read(BATCH);
  }
}
