package dev.fareway.simulator.experiment;

import dev.fareway.simulator.engine.Recorder;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.machine.Functions;

/**
 * Latencies of some ranks by the tick in which a function arrived: from its arrival to its end,
 * whenever that was.
 */
final class TickLatencies implements Recorder {
  private final LongList[][] byRankAndTick;
  private final long tickNanos;
  private final Progress progress;

  TickLatencies(int ranks, int ticks, long tickNanos, Progress progress) {
    this.byRankAndTick = new LongList[ranks][ticks];
    for (LongList[] byTick : byRankAndTick) {
      for (int tick = 0; tick < ticks; tick++) {
        byTick[tick] = new LongList();
      }
    }
    this.tickNanos = tickNanos;
    this.progress = progress;
  }

  @Override
  public void ended(Functions functions, int function, long nowNanos) {
    long arrival = functions.arrivalNanos[function];
    byRankAndTick[functions.rank[function]][(int) (arrival / tickNanos)].add(nowNanos - arrival);
  }

  @Override
  public void sampled(Simulation simulation) {
    progress.step(1);
  }

  /** The functions of a rank that arrived in one tick. */
  LongList at(int rank, int tick) {
    return byRankAndTick[rank][tick];
  }

  /** The functions of a rank that arrived in these ticks. */
  LongList between(int rank, int fromTick, int toTick) {
    var all = new LongList();
    for (int tick = fromTick; tick < toTick; tick++) {
      all.addAll(byRankAndTick[rank][tick]);
    }
    return all;
  }
}
