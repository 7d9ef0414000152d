package dev.fareway.e2e.report;

import dev.fareway.e2e.load.Phase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The demo's result for people, {@code report.html}: one page that needs nothing else, in light and
 * dark, on wide and narrow screens.
 */
final class ReportPage {
  private static final List<RunKind> COLUMNS =
      List.of(RunKind.CROWDED, RunKind.FAREWAY, RunKind.UNLOADED);

  private final DemoResult result;
  private final StringBuilder html = new StringBuilder();

  private ReportPage(DemoResult result) {
    this.result = result;
  }

  static String of(DemoResult result) {
    return new ReportPage(result).page();
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private String page() {
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.append("<meta name=\"color-scheme\" content=\"light dark\">\n");
    html.append("<title>Fareway: the demo's report</title>\n<style>\n");
    html.append(resource("report.css")).append("</style>\n</head>\n<body>\n<main>\n");
    html.append("<h1>Fareway: the crowding problem, and gone</h1>\n");
    verdict();
    result.functions().forEach(this::classSection);
    table();
    setting();
    return html.append("</main>\n</body>\n</html>\n").toString();
  }

  private void verdict() {
    Verdict verdict = result.verdict();
    html.append("<p class=\"lead\">").append(escape(verdict.sentence())).append("</p>\n");
    if (!verdict.holds()) {
      String why = result.disturbance().map(sentence -> " " + sentence).orElse("");
      html.append("<p class=\"warning\">")
          .append(escape(verdict.shortfall() + why))
          .append("</p>\n");
    }
    html.append("<dl class=\"figures\">\n");
    figure("crowded", "Crowded", verdict.crowdedMs());
    figure("fareway", "With Fareway", verdict.farewayMs());
    figure("unloaded", "Alone on the machine", verdict.unloadedMs());
    html.append("</dl>\n");
  }

  private void figure(String style, String label, double millis) {
    html.append(
        Figures.text(
            "<div class=\"%s\"><dt>%s</dt><dd>%s&nbsp;<small>ms</small></dd></div>\n",
            style, label, Figures.millis(millis)));
  }

  private void classSection(PricedFunction function) {
    html.append(
        Figures.text(
            "<section>\n<h2>%s <small>%s, %s per CPU second</small></h2>\n",
            escape(function.priceClass()),
            escape(function.function()),
            escape(price(function.pricePerCpuSecond()))));
    html.append("<p class=\"legend\">");
    for (RunKind kind : COLUMNS) {
      if (result.run(kind).has(function.priceClass())) {
        html.append(
            Figures.text(
                "<span class=\"%s\">%s</span> ",
                kind.name().toLowerCase(Locale.ROOT), kind.label()));
      }
    }
    html.append("</p>\n");
    html.append(new LatencyPlot(result, function).html()).append("</section>\n");
  }

  private void table() {
    html.append("<section>\n<h2>All figures <small>milliseconds</small></h2>\n");
    html.append("<div class=\"scroll\">\n<table>\n<thead>\n<tr><th colspan=\"2\"></th>");
    for (RunKind kind : COLUMNS) {
      html.append(
          Figures.text(
              "<th colspan=\"3\" class=\"%s\">%s</th>",
              kind.name().toLowerCase(Locale.ROOT), kind.label()));
    }
    html.append("</tr>\n<tr><th>class</th><th>phase</th>");
    html.append("<th>p50</th><th>p95</th><th>p99</th>".repeat(COLUMNS.size()));
    html.append("</tr>\n</thead>\n<tbody>\n");
    for (PricedFunction function : result.functions()) {
      String name = function.priceClass();
      for (Phase phase : result.phases()) {
        html.append(phase.equals(result.spike()) ? "<tr class=\"spike\">" : "<tr>");
        html.append(Figures.text("<th>%s</th><th>%s</th>", escape(name), escape(phase.name())));
        COLUMNS.forEach(kind -> cells(result.run(kind), function.priceClass(), phase));
        html.append("</tr>\n");
        name = "";
      }
    }
    html.append("</tbody>\n</table>\n</div>\n</section>\n");
  }

  private void cells(Run run, String className, Phase phase) {
    if (!run.has(className)) {
      html.append("<td colspan=\"3\"></td>");
      return;
    }
    Latency latency = Latency.of(run.of(className, phase));
    html.append(
        Figures.text(
            "<td>%s</td><td>%s</td><td>%s</td>",
            Figures.millis(latency.p50Ms()),
            Figures.millis(latency.p95Ms()),
            Figures.millis(latency.p99Ms())));
  }

  private void setting() {
    html.append("<section>\n<h2>How it was measured</h2>\n<ul>\n");
    item(
        "Latency counts from when a request was due to its answer, so a late start counts too. A dot"
            + " is a request, a line the 99th percentile of each thirtieth of the load; a request"
            + " belongs to the phase in which it was due.");
    item(
        "The same requests, due at the same times and asking for the same CPU time, in all three runs"
            + " (seed "
            + result.seed()
            + "); unloaded is the class "
            + result.dearest().priceClass()
            + " alone.");
    for (PricedFunction function : result.functions()) {
      item(workload(function));
    }
    item("Cores: " + result.cores() + ". API server: " + result.apiServer() + ".");
    item("Enforcement while crowded: " + sentence(result.crowdedEnforcement()));
    item("Enforcement with Fareway: " + sentence(result.farewayEnforcement()));
    for (RunKind kind : COLUMNS) {
      Run run = result.run(kind);
      item(
          Figures.text(
              "Load generator, %s: %s; 99 of 100 requests went out at most %s ms late, all at most"
                  + " %s ms.",
              kind.label(),
              run.generator(),
              Figures.millis(run.lateMs(99)),
              Figures.millis(run.lateMs(100))));
    }
    item("Placed by Fareway: " + placed() + ".");
    html.append("</ul>\n</section>\n");
  }

  private String workload(PricedFunction function) {
    Run run = result.run(RunKind.FAREWAY);
    int cores = result.cores();
    String loads =
        result.phases().stream()
            .map(phase -> Figures.text("%.2f", coresAsked(run, function.priceClass(), phase)))
            .collect(Collectors.joining(", "));
    return Figures.text(
        "%s: %s requests, asking for %s of %d cores in the three phases.",
        function.priceClass(), Figures.count(run.of(function.priceClass()).size()), loads, cores);
  }

  private static double coresAsked(Run run, String className, Phase phase) {
    long micros = run.of(className, phase).stream().mapToLong(sample -> sample.cpuMicros()).sum();
    return micros / (phase.millis() * 1000.0);
  }

  private String placed() {
    Map<String, Long> counts =
        result.placements().stream()
            .collect(
                Collectors.groupingBy(
                    placement -> placement.function() + " on " + placement.node(),
                    TreeMap::new,
                    Collectors.counting()));
    return counts.entrySet().stream()
        .map(entry -> entry.getValue() + " × " + entry.getKey())
        .collect(Collectors.joining(", "));
  }

  private static String sentence(Enforcement enforcement) {
    return enforcement.message().isBlank()
        ? enforcement.mode() + "."
        : enforcement.mode() + " (" + enforcement.message() + ").";
  }

  /** {@code 2u} of the currency unit, which is the cent here, reads 2 µ¢. */
  private static String price(String quantity) {
    return quantity.endsWith("u")
        ? quantity.substring(0, quantity.length() - 1) + " µ¢"
        : quantity + " ¢";
  }

  private void item(String text) {
    html.append("<li>").append(escape(text)).append("</li>\n");
  }

  private static String resource(String name) {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + name + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
