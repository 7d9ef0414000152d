package dev.fareway.simulator.experiment;

import dev.fareway.simulator.engine.Recorder;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.engine.Workload;
import dev.fareway.simulator.machine.Functions;
import dev.fareway.simulator.machine.Machine;
import dev.fareway.simulator.machine.Memory;
import dev.fareway.simulator.scheduler.SchedulerKind;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One scheduler under one workload, and how the functions of a while fared: what comparisons,
 * replays and ablations are made of.
 *
 * @param workload made anew when it runs: a trace would take memory
 * @param memory of a machine; null: as much as functions like
 * @param fromNanos functions that arrive from then on count
 * @param untilNanos functions that arrive before then count; machines are looked at in between
 */
record Trial(
    SchedulerKind kind,
    Setup setup,
    @Nullable Memory memory,
    Supplier<Workload> workload,
    long fromNanos,
    long untilNanos,
    long seed,
    Progress progress)
    implements Callable<Trial.Result> {
  private static final int SAMPLES = 100;

  /** More than anyone uses. */
  private static final long BOUNDLESS = 1L << 60;

  /** Percentiles that a table shows. */
  enum Percentile {
    P50(0, 0.5),
    P99(1, 0.99),
    P999(2, 0.999);

    final int place;
    final double quantile;

    Percentile(int place, double quantile) {
      this.place = place;
      this.quantile = quantile;
    }
  }

  /**
   * What is kept of it. Slowdown is the time from arrival to end by the run time; that of killed
   * functions does not count. Classes go by rank; one more stands for all together.
   */
  static final class Result {
    private final double[][] slowdowns;
    private final long[] ended;
    private final long[] killed;

    /** Share of the cores, 0 to 1. */
    final double coresBusy;

    /** Share of the memory, 0 to 1. */
    final double memoryUse;

    /** Of the memory in use between machines: coefficient of variation. */
    final double memoryVariation;

    /** On average in use on a machine. */
    final double swapBytes;

    /** Of that between machines. */
    final double swapVariation;

    Result(
        double[][] slowdowns,
        long[] ended,
        long[] killed,
        double coresBusy,
        double memoryUse,
        double memoryVariation,
        double swapBytes,
        double swapVariation) {
      this.slowdowns = slowdowns;
      this.ended = ended;
      this.killed = killed;
      this.coresBusy = coresBusy;
      this.memoryUse = memoryUse;
      this.memoryVariation = memoryVariation;
      this.swapBytes = swapBytes;
      this.swapVariation = swapVariation;
    }

    /** NaN: no function of the class ended by itself. */
    double slowdown(int rank, Percentile percentile) {
      return slowdowns[rank][percentile.place];
    }

    /** How many of a class ended, finished or killed. */
    long ended(int rank) {
      return ended[rank];
    }

    /** How many of them were killed. */
    long killed(int rank) {
      return killed[rank];
    }

    /** Over all classes. */
    double killedShare() {
      int all = ended.length - 1;
      return ended[all] == 0 ? 0 : (double) killed[all] / ended[all];
    }
  }

  @Override
  public Result call() {
    var functions = new Functions();
    int ranks = setup.classes().count();
    var machines = new Machine[setup.machines()];
    Arrays.setAll(
        machines,
        _ ->
            memory == null
                ? kind.machine(functions, setup.cores(), ranks)
                : kind.machine(functions, setup.cores(), ranks, memory));
    long memoryBytes = memory == null ? BOUNDLESS : memory.totalBytes();
    var kept = new Kept(ranks, machines.length);
    new Simulation(
            new Simulation.Options(
                setup.messageNanos(),
                Math.max(1, (untilNanos - fromNanos) / SAMPLES),
                Long.MAX_VALUE / 2),
            functions,
            machines,
            workload.get(),
            kept,
            simulation ->
                kind.scheduler(simulation, setup.fareway(), setup.cores(), memoryBytes, seed))
        .run();
    progress.step(1);
    return kept.result(memoryBytes);
  }

  private final class Kept implements Recorder {
    final LongList[] slowdowns;
    final long[] ended;
    final long[] killed;
    final double[] use;
    final double[] swap;
    double busy;
    double memoryVariation;
    int samples;

    Kept(int ranks, int machines) {
      slowdowns = new LongList[ranks + 1];
      Arrays.setAll(slowdowns, _ -> new LongList());
      ended = new long[ranks + 1];
      killed = new long[ranks + 1];
      use = new double[machines];
      swap = new double[machines];
    }

    @Override
    public void ended(Functions functions, int function, long nowNanos) {
      long arrival = functions.arrivalNanos[function];
      if (arrival < fromNanos || arrival >= untilNanos) {
        return;
      }
      int rank = functions.rank[function];
      int all = slowdowns.length - 1;
      ended[rank]++;
      ended[all]++;
      if (functions.killed[function]) {
        killed[rank]++;
        killed[all]++;
      } else {
        long millionths =
            (long) ((double) (nowNanos - arrival) / functions.runtimeNanos[function] * 1e6);
        slowdowns[rank].add(millionths);
        slowdowns[all].add(millionths);
      }
    }

    @Override
    public void sampled(Simulation simulation) {
      long now = simulation.nowNanos();
      if (now < fromNanos || now >= untilNanos) {
        return;
      }
      samples++;
      double[] used = new double[use.length];
      for (int i = 0; i < use.length; i++) {
        Machine machine = simulation.machine(i);
        busy += machine.busyCores();
        used[i] = machine.residentBytes(now);
        use[i] += used[i];
        swap[i] += machine.swappedBytes();
      }
      memoryVariation += Spread.variation(used);
    }

    Result result(long memoryBytes) {
      double[][] percentiles = new double[slowdowns.length][Percentile.values().length];
      for (int rank = 0; rank < slowdowns.length; rank++) {
        for (Percentile each : Percentile.values()) {
          percentiles[rank][each.place] =
              slowdowns[rank].size() == 0
                  ? Double.NaN
                  : slowdowns[rank].quantile(each.quantile) / 1e6;
        }
      }
      double looks = Math.max(1, samples);
      return new Result(
          percentiles,
          ended,
          killed,
          busy / looks / setup.allCores(),
          Spread.mean(use) / looks / memoryBytes,
          memoryVariation / looks,
          Spread.mean(swap) / looks,
          Spread.variation(swap));
    }
  }
}
