package dev.fareway.scheduler.bench;

import dev.fareway.scheduler.core.BusyShard;
import dev.fareway.scheduler.core.PlacementBenchmark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs {@link PlacementBenchmark} with the allocation profiler and prints its figures, as JSON too
 * where asked.
 */
public final class PlacementBench {
  private static final int LOOKS = 100_000;

  private PlacementBench() {}

  private record Figure(String name, double value, String unit) {}

  /** Takes {@code --json FILE}. */
  public static void main(String[] args) throws RunnerException, IOException {
    if (args.length != 0 && !(args.length == 2 && args[0].equals("--json"))) {
      System.err.println("Usage: ./fareway bench placement [--json FILE]");
      System.exit(2);
    }
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(PlacementBenchmark.class.getName())
                    .addProfiler(GCProfiler.class)
                    .jvmArgs(
                        "-Xms1g",
                        "-Xmx1g",
                        "-XX:+UseSerialGC",
                        // A decision reads a few places of a large heap: with large pages,
                        // finding them costs no look into page tables.
                        "-XX:+UseTransparentHugePages",
                        "-XX:+AlwaysPreTouch")
                    .build())
            .run();
    var figures = new ArrayList<Figure>();
    for (RunResult result : results) {
      String way = result.getParams().getParam("way");
      int nodes = Integer.parseInt(result.getParams().getParam("nodes"));
      String name = "%s_%d_nodes".formatted(way, nodes);
      double perSecond = result.getPrimaryResult().getScore();
      if (result.getParams().getBenchmark().endsWith(".turn")) {
        figures.add(new Figure(name + "_with_end_and_arrival", perSecond, "decisions/s"));
        continue;
      }
      figures.add(new Figure(name, perSecond, "decisions/s"));
      figures.add(new Figure(name + "_time", 1e9 / perSecond, "ns/decision"));
      figures.add(new Figure(name + "_looks", looks(way, nodes), "nodes looked at/decision"));
      var allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
      if (allocated != null) {
        figures.add(new Figure(name + "_allocated", allocated.getScore(), "B/decision"));
      }
    }
    System.out.println();
    for (Figure figure : figures) {
      System.out.printf(
          Locale.ROOT, "%-50s %,16.3f %s%n", figure.name(), figure.value(), figure.unit());
    }
    if (args.length == 2) {
      Files.writeString(Path.of(args[1]), json(figures));
    }
  }

  /** What a decision does, beside how long it takes: counted apart, so that it costs no time. */
  private static double looks(String way, int nodes) {
    var shard = new BusyShard();
    shard.way = way;
    shard.nodes = nodes;
    shard.fill();
    return shard.looksPerDecision(LOOKS);
  }

  private static String json(List<Figure> figures) {
    var lines = new ArrayList<String>();
    for (Figure figure : figures) {
      lines.add(
          String.format(
              Locale.ROOT,
              "    {\"name\": \"%s\", \"value\": %.4f, \"unit\": \"%s\"}",
              figure.name(),
              figure.value(),
              figure.unit()));
    }
    return """
        {
          "bench": "placement",
          "command": "./fareway bench placement",
          "figures": [
        %s
          ]
        }
        """
        .formatted(String.join(",\n", lines));
  }
}
