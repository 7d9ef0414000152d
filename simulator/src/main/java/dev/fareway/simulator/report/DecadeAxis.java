package dev.fareway.simulator.report;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;

/** A logarithmic axis with ticks at round numbers: 1, 10, 100, and 2 and 5 in between. */
final class DecadeAxis extends LogAxis {
  private static final long serialVersionUID = 1;

  /** Beyond so many decades 2 and 5 are left out. */
  private static final double FEW = 2.5;

  DecadeAxis(String label) {
    super(label);
  }

  @Override
  @SuppressWarnings("rawtypes")
  protected List refreshTicksVertical(
      Graphics2D graphics, Rectangle2D dataArea, RectangleEdge edge) {
    return ticks(TextAnchor.CENTER_RIGHT);
  }

  @Override
  @SuppressWarnings("rawtypes")
  protected List refreshTicksHorizontal(
      Graphics2D graphics, Rectangle2D dataArea, RectangleEdge edge) {
    return ticks(TextAnchor.TOP_CENTER);
  }

  private List<NumberTick> ticks(TextAnchor anchor) {
    double low = getRange().getLowerBound();
    double high = getRange().getUpperBound();
    double[] steps = Math.log10(high / low) > FEW ? new double[] {1} : new double[] {1, 2, 5};
    var format = new DecimalFormat("#,##0.######", DecimalFormatSymbols.getInstance(Locale.ROOT));
    var ticks = new ArrayList<NumberTick>();
    for (int power = (int) Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (double step : steps) {
        double value = step * Math.pow(10, power);
        if (value >= low && value <= high) {
          ticks.add(new NumberTick(value, format.format(value), anchor, anchor, 0));
        }
      }
    }
    return ticks;
  }
}
