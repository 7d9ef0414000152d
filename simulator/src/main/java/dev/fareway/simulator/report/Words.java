package dev.fareway.simulator.report;

import java.util.Locale;

/** Numbers in words, the same wherever they are written. */
public final class Words {
  private Words() {}

  /** {@link String#format} with a point as decimal mark on every machine. */
  // The annotation that it asks for is not worth a library.
  @SuppressWarnings("AnnotateFormatMethod")
  public static String of(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
