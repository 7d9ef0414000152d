package dev.fareway.simulator.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs {@link SimulationBenchmark} and prints its figures, as JSON too where asked. */
public final class SimulatorBench {
  private SimulatorBench() {}

  private record Figure(String name, double value, String unit) {}

  /** Takes {@code --json FILE}. */
  public static void main(String[] args) throws RunnerException, IOException {
    if (args.length != 0 && !(args.length == 2 && args[0].equals("--json"))) {
      System.err.println("Usage: ./fareway bench simulator [--json FILE]");
      System.exit(2);
    }
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(SimulationBenchmark.class.getName())
                    .jvmArgs("-Xms1g", "-Xmx1g", "-XX:+UseSerialGC")
                    .build())
            .run();
    var figures = new ArrayList<Figure>();
    for (RunResult result : results) {
      var events = result.getSecondaryResults().get("events");
      if (events == null) {
        figures.add(
            new Figure("event_queue_alone", result.getPrimaryResult().getScore(), "events/s"));
      } else {
        String run = result.getParams().getParam("run");
        figures.add(
            new Figure(
                run.equals("engine") ? "engine_and_machines" : "simulation_" + run,
                events.getScore(),
                "events/s"));
        figures.add(
            new Figure(run + "_runs", result.getPrimaryResult().getScore(), "10 simulated s/s"));
      }
    }
    System.out.println();
    for (Figure figure : figures) {
      System.out.printf(
          Locale.ROOT, "%-24s %,16.1f %s%n", figure.name(), figure.value(), figure.unit());
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
          "bench": "simulator",
          "command": "./fareway bench simulator",
          "figures": [
        %s
          ]
        }
        """
        .formatted(String.join(",\n", lines));
  }
}
