package dev.fareway.crds;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What budgets say of a running pod, as the annotation {@link Fareway#BUDGET} carries it from the
 * operator to the node daemon.
 */
public sealed interface BudgetMark {
  /** Nothing. */
  record Free() implements BudgetMark {}

  /**
   * It runs in a cheaper class, if its own is dearer.
   *
   * @param priceClass name of that class
   */
  record Degraded(String priceClass) implements BudgetMark {}

  /**
   * It runs in the cheapest class, and no quicker than this.
   *
   * @param cpuMillis thousandths of a CPU that the pod may use, 1 to {@link #MAX_MILLIS}
   */
  record Throttled(int cpuMillis) implements BudgetMark {
    /** Checks the range. */
    public Throttled {
      if (cpuMillis < 1 || cpuMillis > MAX_MILLIS) {
        throw new IllegalArgumentException(
            "%d thousandths of a CPU: a throttled pod has 1 to %d"
                .formatted(cpuMillis, MAX_MILLIS));
      }
    }
  }

  /** A thousand CPUs. */
  int MAX_MILLIS = 1_000_000;

  /** Reads the annotation's value; what can't be read, and nothing, is {@link Free}. */
  static BudgetMark parse(String annotation) {
    Matcher throttle = Form.THROTTLE.matcher(annotation);
    if (throttle.matches()) {
      int millis = Integer.parseInt(throttle.group(1));
      return millis <= MAX_MILLIS ? new Throttled(millis) : new Free();
    }
    Matcher degrade = Form.DEGRADE.matcher(annotation);
    return degrade.matches() ? new Degraded(degrade.group(1)) : new Free();
  }

  /** The annotation's value; empty if there is to be no annotation. */
  default String text() {
    return switch (this) {
      case Free() -> "";
      case Degraded(String priceClass) -> Fareway.DEGRADE + priceClass;
      case Throttled(int cpuMillis) -> Fareway.THROTTLE + cpuMillis + "m";
    };
  }

  /** How the values are written. */
  final class Form {
    private static final Pattern THROTTLE = Pattern.compile("Throttle=([1-9][0-9]{0,6})m");
    private static final Pattern DEGRADE =
        Pattern.compile("Degrade=([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)");

    private Form() {}
  }
}
