package dev.fareway.e2e.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A benchmark's figures, printed as they come and kept as JSON. */
final class BenchReport {
  private final String bench;
  private final String command;
  private final List<Map<String, Object>> figures = new ArrayList<>();

  BenchReport(String bench, String command) {
    this.bench = bench;
    this.command = command;
  }

  void add(String name, double value, String unit) {
    double rounded = Math.round(value * 1000) / 1000.0;
    var figure = new LinkedHashMap<String, Object>();
    figure.put("name", name);
    figure.put("value", rounded);
    figure.put("unit", unit);
    figures.add(figure);
    System.out.printf("%-44s %12.3f %s%n", name, rounded, unit);
  }

  void write(Path file) throws IOException {
    var all = new LinkedHashMap<String, Object>();
    all.put("bench", bench);
    all.put("command", command);
    all.put("figures", figures);
    Files.writeString(
        file, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n");
  }
}
