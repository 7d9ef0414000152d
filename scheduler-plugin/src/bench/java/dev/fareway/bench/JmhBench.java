package dev.fareway.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;

/**
 * A verb of {@code ./fareway bench} that is made of JMH benchmarks: runs them, prints its figures,
 * and writes them as JSON where asked.
 */
public final class JmhBench {
  private record Figure(String name, double value, String unit) {}

  private final String name;
  private final @Nullable Path json;
  private final List<Figure> figures = new ArrayList<>();

  private JmhBench(String name, @Nullable Path json) {
    this.name = name;
    this.json = json;
  }

  /**
   * Reads the command line: nothing, or {@code --json FILE}. Anything else ends the program with a
   * word on how it is used.
   */
  public static JmhBench of(String name, String[] args) {
    if (args.length == 2 && args[0].equals("--json")) {
      return new JmhBench(name, Path.of(args[1]));
    }
    if (args.length != 0) {
      boolean asked = List.of("-h", "--help").contains(args[0]);
      (asked ? System.out : System.err)
          .println("Usage: ./fareway bench %s [--json FILE]".formatted(name));
      System.exit(asked ? 0 : 2);
    }
    return new JmhBench(name, null);
  }

  /** Runs benchmarks. */
  public Collection<RunResult> run(ChainedOptionsBuilder options) throws RunnerException {
    return new Runner(options.build()).run();
  }

  /** Adds a figure. */
  public void add(String figure, double value, String unit) {
    figures.add(new Figure(figure, value, unit));
  }

  /** Prints the figures, and writes them where asked. */
  public void report() throws IOException {
    System.out.println();
    for (Figure figure : figures) {
      System.out.printf(
          Locale.ROOT, "%-50s %,16.3f %s%n", figure.name(), figure.value(), figure.unit());
    }
    if (json != null) {
      Files.writeString(json, json());
    }
  }

  private String json() {
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
          "bench": "%s",
          "command": "./fareway bench %s",
          "figures": [
        %s
          ]
        }
        """
        .formatted(name, name, String.join(",\n", lines));
  }
}
