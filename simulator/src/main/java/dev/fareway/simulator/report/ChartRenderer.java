package dev.fareway.simulator.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.CombinedDomainXYPlot;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;
import org.w3c.dom.Document;

/** Draws charts: as SVG, and as PNG. */
final class ChartRenderer {
  private static final int WIDTH = 900;
  private static final int PANEL_HEIGHT = 270;
  private static final int MARGIN = 90;

  /** Told apart by people who see colours differently, too (the palette of Okabe and Ito). */
  private static final Color[] COLOURS = {
    new Color(0x0072B2),
    new Color(0xD55E00),
    new Color(0x009E73),
    new Color(0xCC79A7),
    new Color(0x56B4E9),
    new Color(0xE69F00),
    new Color(0x555555),
    new Color(0x7A4A1E)
  };

  private static final BasicStroke LINE = new BasicStroke(2);
  private static final BasicStroke DASHES =
      new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6, 4}, 0);
  private static final Color GRID = new Color(0xDDDDDD);

  private final Chart chart;

  ChartRenderer(Chart chart) {
    this.chart = chart;
  }

  String svg() {
    var graphics = new SVGGraphics2D(emptyDocument());
    graphics.setSVGCanvasSize(new Dimension(WIDTH, height()));
    draw().draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, height()));
    var text = new StringWriter();
    try {
      graphics.stream(text, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    graphics.dispose();
    // With it the image shrinks on a narrow page; without it, it is cut off.
    return text.toString()
        .replaceFirst("<svg ", "<svg viewBox=\"0 0 %d %d\" ".formatted(WIDTH, height()));
  }

  byte[] png() {
    try (var bytes = new ByteArrayOutputStream()) {
      ChartUtils.writeScaledChartAsPNG(bytes, draw(), WIDTH, height(), 2, 2);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Document emptyDocument() {
    try {
      return DocumentBuilderFactory.newDefaultNSInstance()
          .newDocumentBuilder()
          .getDOMImplementation()
          .createDocument("http://www.w3.org/2000/svg", "svg", null);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("the JDK's own parser can't be had", e);
    }
  }

  private int height() {
    return MARGIN + PANEL_HEIGHT * chart.panels().size();
  }

  private JFreeChart draw() {
    ValueAxis x =
        axis(chart.xLogarithmic() ? logarithmic(chart.xLabel()) : new NumberAxis(chart.xLabel()));
    if (x instanceof NumberAxis number) {
      // Loads and speeds begin where they begin.
      number.setAutoRangeIncludesZero(false);
    }
    var plot = new CombinedDomainXYPlot(x);
    plot.setGap(18);
    for (Chart.Panel panel : chart.panels()) {
      plot.add(panel(panel));
    }
    var drawn = new JFreeChart(chart.title(), new Font("SansSerif", Font.BOLD, 16), plot, true);
    drawn.setBackgroundPaint(Color.WHITE);
    drawn.getLegend().setItemFont(new Font("SansSerif", Font.PLAIN, 12));
    return drawn;
  }

  private XYPlot panel(Chart.Panel panel) {
    var data = new YIntervalSeriesCollection();
    var renderer = new DeviationRenderer(true, false);
    renderer.setAlpha(0.2f);
    for (int i = 0; i < panel.series().size(); i++) {
      Chart.Series series = panel.series().get(i);
      // In every panel a series of one name has one colour, and stands in the legend once.
      int colour = colour(series.label());
      var drawn = new YIntervalSeries(series.label(), false, true);
      for (Chart.Point point : series.points()) {
        drawn.add(point.x(), point.y(), point.low(), point.high());
      }
      data.addSeries(drawn);
      renderer.setSeriesPaint(i, COLOURS[colour % COLOURS.length]);
      renderer.setSeriesFillPaint(i, COLOURS[colour % COLOURS.length]);
      renderer.setSeriesStroke(i, series.style() == Chart.Style.DASHED ? DASHES : LINE);
      boolean points = series.style() == Chart.Style.POINTS;
      renderer.setSeriesLinesVisible(i, !points);
      renderer.setSeriesShapesVisible(i, points);
      renderer.setSeriesShape(i, new Ellipse2D.Double(-2, -2, 4, 4));
      renderer.setSeriesVisibleInLegend(i, isFirst(series.label(), panel));
    }
    ValueAxis y = axis(panel.logarithmic() ? logarithmic(panel.yLabel()) : linear(panel.yLabel()));
    var plot = new XYPlot(data, null, y, renderer);
    plot.setBackgroundPaint(Color.WHITE);
    plot.setDomainGridlinePaint(GRID);
    plot.setRangeGridlinePaint(GRID);
    for (double at : panel.markers()) {
      plot.addDomainMarker(new ValueMarker(at, new Color(0xCC0000), new BasicStroke(1.2f)));
    }
    return plot;
  }

  private int colour(String label) {
    return (int)
        chart.panels().stream()
            .flatMap(panel -> panel.series().stream())
            .map(Chart.Series::label)
            .distinct()
            .takeWhile(other -> !other.equals(label))
            .count();
  }

  private boolean isFirst(String label, Chart.Panel panel) {
    return chart.panels().stream()
        .takeWhile(before -> !before.equals(panel))
        .flatMap(before -> before.series().stream())
        .noneMatch(series -> series.label().equals(label));
  }

  private static NumberAxis linear(String label) {
    return new NumberAxis(label);
  }

  private static LogAxis logarithmic(String label) {
    var axis = new DecadeAxis(label);
    axis.setSmallestValue(1e-6);
    axis.setAutoRangeMinimumSize(0.1);
    return axis;
  }

  private static <T extends ValueAxis> T axis(T axis) {
    axis.setLabelFont(new Font("SansSerif", Font.PLAIN, 12));
    axis.setTickLabelFont(new Font("SansSerif", Font.PLAIN, 11));
    if (axis instanceof NumberAxis number) {
      number.setAutoRangeIncludesZero(true);
    }
    return axis;
  }
}
