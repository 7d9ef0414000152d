package dev.fareway.e2e.report;

import dev.fareway.e2e.load.Phase;
import dev.fareway.e2e.load.Sample;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The latencies of one class over time, on a logarithmic scale: a dot for each request, a line
 * through the 99th percentile of each thirtieth of the load, for each run.
 *
 * <p>The drawing is SVG that stretches to whatever width there is; axes are labelled by HTML beside
 * it, so that text keeps its size on a narrow screen.
 */
final class LatencyPlot {
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 400;
  private static final int BINS = 30;

  private final DemoResult result;
  private final String className;
  private final double totalMillis;
  private final int lowDecade;
  private final int highDecade;

  LatencyPlot(DemoResult result, PricedFunction function) {
    this.result = result;
    this.className = function.priceClass();
    this.totalMillis = result.run(RunKind.FAREWAY).plan().totalMillis();
    double low = Double.POSITIVE_INFINITY;
    double high = 0;
    for (Run run : result.runs().values()) {
      for (Sample sample : run.of(className)) {
        double millis = millis(sample.latencyNanos());
        low = Math.min(low, millis);
        high = Math.max(high, millis);
      }
    }
    boolean empty = high == 0;
    this.lowDecade = empty ? 0 : (int) Math.floor(Math.log10(low));
    this.highDecade = empty ? 1 : Math.max(lowDecade + 1, (int) Math.ceil(Math.log10(high)));
  }

  String html() {
    StringBuilder html = new StringBuilder();
    html.append("<div class=\"plot\">\n<div class=\"y\" aria-hidden=\"true\">");
    for (int decade = lowDecade; decade <= highDecade; decade++) {
      html.append(
          Figures.text(
              "<span style=\"top:%.2f%%\">%s</span>",
              percent(y(Math.pow(10, decade)), HEIGHT), decadeLabel(decade)));
    }
    html.append("</div>\n<div class=\"area\">\n").append(svg());
    html.append("<div class=\"phases\" aria-hidden=\"true\">");
    double start = 0;
    for (Phase phase : result.phases()) {
      html.append(
          Figures.text(
              "<span style=\"left:%.2f%%;width:%.2f%%\">%s</span>",
              percent(start, totalMillis),
              percent((double) phase.millis(), totalMillis),
              ReportPage.escape(phase.name())));
      start += phase.millis();
    }
    html.append("</div>\n</div>\n<div class=\"x\" aria-hidden=\"true\">");
    for (int i = 0; i <= 6; i++) {
      html.append(
          Figures.text(
              "<span style=\"left:%.2f%%\">%s</span>",
              percent(i, 6), seconds(Math.round(totalMillis * i / 6))));
    }
    return html.append("</div>\n</div>\n").toString();
  }

  private String svg() {
    StringBuilder svg = new StringBuilder();
    svg.append(
        Figures.text(
            "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s\">\n",
            WIDTH, HEIGHT, ReportPage.escape(description())));
    double start = 0;
    for (Phase phase : result.phases()) {
      if (phase.equals(result.spike())) {
        svg.append(
            Figures.text(
                "<rect class=\"spike\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%d\"/>\n",
                x(start), x((double) phase.millis()), HEIGHT));
      }
      start += phase.millis();
    }
    for (int decade = lowDecade; decade <= highDecade; decade++) {
      double y = y(Math.pow(10, decade));
      svg.append(Figures.text("<path class=\"grid\" d=\"M0 %.1fH%d\"/>\n", y, WIDTH));
    }
    for (RunKind kind : List.of(RunKind.CROWDED, RunKind.UNLOADED, RunKind.FAREWAY)) {
      List<Sample> samples =
          result.run(kind).of(className).stream().filter(Sample::succeeded).toList();
      if (!samples.isEmpty()) {
        String style = kind.name().toLowerCase(Locale.ROOT);
        svg.append(Figures.text("<path class=\"dots %s\" d=\"%s\"/>\n", style, dots(samples)));
        svg.append(Figures.text("<path class=\"line %s\" d=\"%s\"/>\n", style, line(samples)));
      }
    }
    return svg.append("</svg>\n").toString();
  }

  /** Dots that fall on the same place of the drawing are drawn once. */
  private String dots(List<Sample> samples) {
    Set<Long> seen = new HashSet<>();
    StringBuilder path = new StringBuilder();
    for (Sample sample : samples) {
      long x = Math.round(x(millis(sample.intendedNanos())));
      long y = Math.round(y(millis(sample.latencyNanos())));
      if (seen.add(x * HEIGHT * 2 + y)) {
        path.append('M').append(x).append(' ').append(y).append("h0");
      }
    }
    return path.toString();
  }

  private String line(List<Sample> samples) {
    List<List<Sample>> bins = new ArrayList<>();
    for (int i = 0; i < BINS; i++) {
      bins.add(new ArrayList<>());
    }
    for (Sample sample : samples) {
      int bin = (int) (millis(sample.intendedNanos()) * BINS / totalMillis);
      bins.get(Math.clamp(bin, 0, BINS - 1)).add(sample);
    }
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < BINS; i++) {
      if (!bins.get(i).isEmpty()) {
        path.append(
            Figures.text(
                "%s%.1f %.1f",
                path.isEmpty() ? "M" : "L",
                (i + 0.5) * WIDTH / BINS,
                y(Latency.of(bins.get(i)).p99Ms())));
      }
    }
    return path.toString();
  }

  private String description() {
    StringBuilder text = new StringBuilder("Latency of " + className + " requests over time.");
    for (RunKind kind : RunKind.values()) {
      if (result.run(kind).has(className)) {
        Latency spike = Latency.of(result.run(kind).of(className, result.spike()));
        text.append(
            Figures.text(
                " %s: 99th percentile under the spike %s ms.",
                kind.label(), Figures.millis(spike.p99Ms())));
      }
    }
    return text.toString();
  }

  private double x(double atMillis) {
    return atMillis * WIDTH / totalMillis;
  }

  private double y(double latencyMillis) {
    double decades = Math.log10(latencyMillis) - lowDecade;
    return HEIGHT * (1 - decades / (highDecade - lowDecade));
  }

  private static double millis(long nanos) {
    return nanos / (double) TimeUnit.MILLISECONDS.toNanos(1);
  }

  private static double percent(double part, double whole) {
    return part / whole * 100;
  }

  private static String decadeLabel(int decade) {
    return decade < 0
        ? Math.pow(10, decade) + " ms"
        : decade < 3
            ? Figures.text("%.0f ms", Math.pow(10, decade))
            : Figures.text("%,.0f s", Math.pow(10, decade - 3));
  }

  private static String seconds(long millis) {
    return millis % 1000 == 0 ? millis / 1000 + " s" : Figures.text("%.1f s", millis / 1000.0);
  }
}
