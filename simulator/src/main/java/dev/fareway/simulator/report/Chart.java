package dev.fareway.simulator.report;

import java.util.List;

/**
 * A chart: panels above each other over one horizontal axis.
 *
 * @param name of its files, without the ending
 * @param title what it shows
 * @param xLabel the horizontal axis, with its unit
 * @param xLogarithmic whether it is; places must then be more than 0
 * @param panels at least one
 */
public record Chart(
    String name, String title, String xLabel, boolean xLogarithmic, List<Panel> panels) {
  /** A chart whose horizontal axis is linear. */
  public Chart(String name, String title, String xLabel, List<Panel> panels) {
    this(name, title, xLabel, false, panels);
  }

  /**
   * A panel.
   *
   * @param yLabel the vertical axis, with its unit
   * @param logarithmic whether it is; values must then be more than 0
   * @param series what is drawn
   * @param markers vertical lines at these places of the horizontal axis
   */
  public record Panel(
      String yLabel, boolean logarithmic, List<Series> series, List<Double> markers) {
    public Panel {
      series = List.copyOf(series);
      markers = List.copyOf(markers);
    }
  }

  /** How a series is drawn. */
  public enum Style {
    LINE,
    /** For what others are measured by. */
    DASHED,
    POINTS
  }

  /**
   * A series.
   *
   * @param label in the legend
   * @param points in the order in which a line joins them
   */
  public record Series(String label, Style style, List<Point> points) {
    public Series {
      points = List.copyOf(points);
    }
  }

  /** A point and how far up and down its value may be; without doubt all three are equal. */
  public record Point(double x, double y, double low, double high) {
    /** A point without doubt. */
    public Point(double x, double y) {
      this(x, y, y, y);
    }
  }

  public Chart {
    panels = List.copyOf(panels);
  }
}
