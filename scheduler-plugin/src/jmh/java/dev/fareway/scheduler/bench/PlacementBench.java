package dev.fareway.scheduler.bench;

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
                    .jvmArgs("-Xms2g", "-Xmx2g", "-XX:+UseSerialGC")
                    .build())
            .run();
    var figures = new ArrayList<Figure>();
    for (RunResult result : results) {
      String name =
          "%s_%s_nodes"
              .formatted(result.getParams().getParam("way"), result.getParams().getParam("nodes"));
      figures.add(new Figure(name, result.getPrimaryResult().getScore(), "decisions/s"));
      var allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
      if (allocated != null) {
        figures.add(new Figure(name + "_allocated", allocated.getScore(), "B/decision"));
      }
    }
    System.out.println();
    for (Figure figure : figures) {
      System.out.printf(
          Locale.ROOT, "%-34s %,16.3f %s%n", figure.name(), figure.value(), figure.unit());
    }
    if (args.length == 2) {
      Files.writeString(Path.of(args[1]), json(figures));
    }
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
