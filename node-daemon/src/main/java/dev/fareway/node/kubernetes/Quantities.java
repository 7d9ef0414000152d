package dev.fareway.node.kubernetes;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers as Kubernetes writes them (apimachinery, {@code resource.Quantity}): decimal digits with
 * a decimal (n u m k M G T P E) or binary (Ki ... Ei) suffix or an exponent.
 */
public final class Quantities {
  private static final Pattern FORM =
      Pattern.compile(
          "([+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?[0-9]{1,3}))?");
  private static final String BINARY = "KMGTPE";
  private static final String DECIMAL = "numkMGTPE";

  private Quantities() {}

  /**
   * Whole units, such as bytes.
   *
   * @throws IllegalArgumentException naming the text, if it is no quantity or no whole number that
   *     fits
   */
  public static long units(String text) {
    return exact(text, number(text));
  }

  /** Billionths, such as nano-units of a price. */
  public static long nanos(String text) {
    return exact(text, number(text).scaleByPowerOfTen(9));
  }

  private static long exact(String text, BigDecimal value) {
    try {
      return value.longValueExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("'%s' is too large or too fine".formatted(text), e);
    }
  }

  private static BigDecimal number(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no quantity, such as 500Mi or 2u".formatted(text));
    }
    var digits = new BigDecimal(form.group(1));
    String suffix = form.group(2);
    if (form.group(3) != null) {
      return digits.scaleByPowerOfTen(Integer.parseInt(form.group(3)));
    }
    if (suffix == null) {
      return digits;
    }
    if (suffix.endsWith("i")) {
      int step = BINARY.indexOf(suffix.charAt(0)) + 1;
      return digits.multiply(new BigDecimal(1L << (10 * step)));
    }
    // n is 10^-9, u 10^-6, m 10^-3, k 10^3, ...: there is no suffix for 10^0.
    int at = DECIMAL.indexOf(suffix.charAt(0));
    int exponent = 3 * (at < 3 ? at - 3 : at - 2);
    return digits.scaleByPowerOfTen(exponent);
  }
}
