package dev.fareway.scheduler.bench;

import dev.fareway.bench.JmhBench;
import dev.fareway.scheduler.core.BusyShard;
import dev.fareway.scheduler.core.PlacementBenchmark;
import java.io.IOException;
import java.util.Collection;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs {@link PlacementBenchmark} with the allocation profiler and prints its figures, as JSON too
 * where asked.
 */
public final class PlacementBench {
  private static final int LOOKS = 100_000;

  private PlacementBench() {}

  /** Takes {@code --json FILE}. */
  public static void main(String[] args) throws RunnerException, IOException {
    JmhBench bench = JmhBench.of("placement", args);
    Collection<RunResult> results =
        bench.run(
            new OptionsBuilder()
                .include(PlacementBenchmark.class.getName())
                .addProfiler(GCProfiler.class)
                .jvmArgs(
                    "-Xms1g",
                    "-Xmx1g",
                    "-XX:+UseSerialGC",
                    // As the operator is started.
                    "-XX:+UseCompactObjectHeaders",
                    // A decision reads a few places of a large heap: with large pages,
                    // finding them costs no look into page tables.
                    "-XX:+UseTransparentHugePages",
                    "-XX:+AlwaysPreTouch"));
    for (RunResult result : results) {
      if (result.getParams().getBenchmark().endsWith(".reading")) {
        bench.add(
            "powerOfK_%s_nodes_reading".formatted(result.getParams().getParam("nodes")),
            1e9 / result.getPrimaryResult().getScore(),
            "ns/decision");
        continue;
      }
      String way = result.getParams().getParam("way");
      int nodes = Integer.parseInt(result.getParams().getParam("nodes"));
      String name = "%s_%d_nodes".formatted(way, nodes);
      double perSecond = result.getPrimaryResult().getScore();
      if (result.getParams().getBenchmark().endsWith(".turn")) {
        bench.add(name + "_with_end_and_arrival", perSecond, "decisions/s");
        continue;
      }
      bench.add(name, perSecond, "decisions/s");
      bench.add(name + "_time", 1e9 / perSecond, "ns/decision");
      bench.add(name + "_looks", looks(way, nodes), "nodes looked at/decision");
      var allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
      if (allocated != null) {
        bench.add(name + "_allocated", allocated.getScore(), "B/decision");
      }
    }
    bench.report();
  }

  /** What a decision does, beside how long it takes: counted apart, so that it costs no time. */
  private static double looks(String way, int nodes) {
    var shard = new BusyShard();
    shard.way = way;
    shard.nodes = nodes;
    shard.fill();
    return shard.looksPerDecision(LOOKS);
  }
}
