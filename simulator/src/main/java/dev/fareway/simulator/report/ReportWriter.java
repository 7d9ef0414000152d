package dev.fareway.simulator.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes a report: a page, its charts as SVG and PNG, its tables as CSV, and {@code summary.json}.
 * All of it is written to a temporary folder beside the target first and moved when it is complete,
 * so that a reader never sees half a report.
 */
public final class ReportWriter {
  private ReportWriter() {}

  /**
   * Writes a report, in place of an older one of the same experiment.
   *
   * @return the page
   * @throws IOException if the folder can't be written; it is then as it was
   */
  public static Path write(Report report, Path folder) throws IOException {
    Path target = folder.toAbsolutePath().normalize();
    Path parent = target.getParent();
    if (parent == null) {
      throw new IOException("%s is no folder to write a report to".formatted(folder));
    }
    Files.createDirectories(parent);
    Path temporary = Files.createTempDirectory(parent, ".report-");
    var written = new ArrayList<Path>();
    try {
      var images = new ArrayList<String>();
      for (Chart chart : report.charts()) {
        var renderer = new ChartRenderer(chart);
        String svg = renderer.svg();
        images.add(svg);
        written.add(Files.writeString(temporary.resolve(chart.name() + ".svg"), svg));
        written.add(Files.write(temporary.resolve(chart.name() + ".png"), renderer.png()));
      }
      for (Table table : report.tables()) {
        written.add(Files.writeString(temporary.resolve(table.name() + ".csv"), table.csv()));
      }
      written.add(
          Files.writeString(temporary.resolve(report.name() + ".html"), Page.of(report, images)));
      written.add(Files.writeString(temporary.resolve("summary.json"), summary(report)));
      Files.createDirectories(target);
      for (Path file : written) {
        Files.move(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      for (Path file : written) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(temporary);
    }
    return target.resolve(report.name() + ".html");
  }

  private static String summary(Report report) throws IOException {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      json.writeStartObject();
      json.writeStringField("experiment", report.name());
      json.writeStringField("command", report.command());
      json.writeObjectFieldStart("parameters");
      for (Map.Entry<String, String> parameter : report.parameters().entrySet()) {
        json.writeStringField(parameter.getKey(), parameter.getValue());
      }
      json.writeEndObject();
      json.writeArrayFieldStart("figures");
      for (Figure figure : report.figures()) {
        json.writeStartObject();
        json.writeStringField("name", figure.name());
        json.writeNumberField("value", Math.round(figure.value() * 1e6) / 1e6);
        json.writeStringField("unit", figure.unit());
        json.writeEndObject();
      }
      json.writeEndArray();
      writeStrings(json, "findings", report.findings());
      json.writeEndObject();
    }
    return text + "\n";
  }

  private static void writeStrings(JsonGenerator json, String name, List<String> values)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }
}
