package dev.fareway.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * What is shown of a budget.
 *
 * @param action what is in force: None, Degrade or Throttle; empty: the operator has not said
 * @param degradeTo the class that its functions run in while that is Degrade
 */
public record BudgetFacts(
    String name,
    String limit,
    String spent,
    String period,
    String state,
    String action,
    String degradeTo) {

  /** Reads a Budget. */
  public static BudgetFacts read(JsonNode budget) {
    return new BudgetFacts(
        Facts.text(budget, "metadata", "name"),
        Facts.text(budget, "spec", "monthlyLimit"),
        Facts.text(budget, "status", "spent"),
        Facts.text(budget, "status", "period"),
        Facts.text(budget, "status", "state"),
        Facts.text(budget, "status", "action"),
        Facts.text(budget, "spec", "degradeTo"));
  }

  /** Whether it is of a pod with these labels. A selector that can't be understood selects none. */
  public static boolean selects(JsonNode budget, Map<String, String> labels) {
    JsonNode selector = budget.path("spec").path("selector");
    for (var wanted : selector.path("matchLabels").properties()) {
      if (!wanted.getValue().asText("").equals(labels.get(wanted.getKey()))) {
        return false;
      }
    }
    for (JsonNode expression : selector.path("matchExpressions")) {
      String value = labels.get(Facts.text(expression, "key"));
      boolean listed = false;
      for (JsonNode of : expression.path("values")) {
        listed |= of.asText("").equals(value);
      }
      boolean matches =
          switch (Facts.text(expression, "operator")) {
            case "In" -> listed;
            case "NotIn" -> !listed;
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            default -> false;
          };
      if (!matches) {
        return false;
      }
    }
    return true;
  }

  /** Whether it does something to its functions. */
  public boolean isInForce() {
    return action.equals("Degrade") || action.equals("Throttle");
  }
}
