package dev.fareway.crds;

import static java.util.Objects.requireNonNullElse;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.List;
import java.util.Map;

/** Which labels a selector selects, as Kubernetes reads it. */
public final class Selection {
  private static final List<String> OPERATORS = List.of("In", "NotIn", "Exists", "DoesNotExist");

  private Selection() {}

  /** Whether it selects everything. */
  public static boolean isAll(LabelSelector selector) {
    return requireNonNullElse(selector.getMatchLabels(), Map.of()).isEmpty()
        && requireNonNullElse(selector.getMatchExpressions(), List.of()).isEmpty();
  }

  /**
   * Refuses a selector that can't be.
   *
   * @throws IllegalArgumentException naming the field
   */
  public static void check(LabelSelector selector) {
    for (LabelSelectorRequirement requirement : selector.getMatchExpressions()) {
      if (!OPERATORS.contains(requirement.getOperator())) {
        throw new IllegalArgumentException(
            "spec.selector has the operator \"%s\" for the label %s; there are %s"
                .formatted(requirement.getOperator(), requirement.getKey(), OPERATORS));
      }
    }
  }

  /** Whether it selects what has these labels. Loops: asked of every pod for every budget. */
  public static boolean matches(LabelSelector selector, Map<String, String> labels) {
    Map<String, String> wanted = selector.getMatchLabels();
    if (wanted != null) {
      for (Map.Entry<String, String> label : wanted.entrySet()) {
        if (!label.getValue().equals(labels.get(label.getKey()))) {
          return false;
        }
      }
    }
    for (LabelSelectorRequirement requirement : selector.getMatchExpressions()) {
      if (!meets(requirement, labels)) {
        return false;
      }
    }
    return true;
  }

  private static boolean meets(LabelSelectorRequirement wanted, Map<String, String> labels) {
    String value = labels.get(wanted.getKey());
    List<String> values = requireNonNullElse(wanted.getValues(), List.of());
    return switch (wanted.getOperator()) {
      case "In" -> value != null && values.contains(value);
      case "NotIn" -> value == null || !values.contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      // Refused by check; in case it wasn't asked, nothing is selected.
      default -> false;
    };
  }
}
