package dev.fareway.e2e.report;

import java.util.Locale;

/** Numbers as readers want them: three digits that matter, thousands apart, at most seven wide. */
final class Figures {
  private Figures() {}

  /** Formats as {@link String#format} does, with a point before decimals whatever the locale. */
  @SuppressWarnings("AnnotateFormatMethod") // Its annotation would be a library more.
  static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Milliseconds without the unit; a dash where there is nothing to tell. */
  static String millis(double millis) {
    if (Double.isNaN(millis)) {
      return "-";
    }
    return millis < 10
        ? text("%.2f", millis)
        : millis < 100 ? text("%.1f", millis) : text("%,.0f", millis);
  }

  /** How many times; a dash where there is nothing to tell. */
  static String factor(double factor) {
    if (Double.isNaN(factor)) {
      return "-";
    }
    return factor < 10 ? text("%.2f", factor) : text("%.1f", factor);
  }

  /** A count. */
  static String count(long count) {
    return text("%,d", count);
  }
}
