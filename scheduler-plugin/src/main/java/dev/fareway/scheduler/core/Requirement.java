package dev.fareway.scheduler.core;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A demand on one label of a node, as in Kubernetes' node affinity.
 *
 * @param key the label's key
 * @param operator how it is compared
 * @param values what it is compared with; for Gt and Lt one whole number
 */
public record Requirement(String key, Operator operator, Set<String> values) {
  /** How a label is compared. */
  public enum Operator {
    IN,
    NOT_IN,
    EXISTS,
    DOES_NOT_EXIST,
    GREATER,
    LESS
  }

  public Requirement {
    values = Set.copyOf(values);
  }

  boolean holds(Map<String, String> labels) {
    return holdsFor(labels.get(key));
  }

  boolean holdsFor(@Nullable String actual) {
    return switch (operator) {
      case IN -> actual != null && values.contains(actual);
      case NOT_IN -> actual == null || !values.contains(actual);
      case EXISTS -> actual != null;
      case DOES_NOT_EXIST -> actual == null;
      case GREATER -> compare(actual) > 0;
      case LESS -> compare(actual) < 0;
    };
  }

  /**
   * The label compared with the bound; 0 (neither greater nor less) where one of them is no number.
   */
  private int compare(@Nullable String actual) {
    if (actual == null || values.size() != 1) {
      return 0;
    }
    try {
      return Long.compare(Long.parseLong(actual), Long.parseLong(values.iterator().next()));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
