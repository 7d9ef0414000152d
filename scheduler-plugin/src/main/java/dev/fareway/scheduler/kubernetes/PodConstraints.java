package dev.fareway.scheduler.kubernetes;

import dev.fareway.scheduler.core.Constraints;
import dev.fareway.scheduler.core.NodeTerm;
import dev.fareway.scheduler.core.Preference;
import dev.fareway.scheduler.core.Requirement;
import dev.fareway.scheduler.core.Requirement.Operator;
import dev.fareway.scheduler.core.Toleration;
import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads where a pod may run. */
final class PodConstraints {
  /** Differs on every node, so it is looked at node by node. */
  private static final String HOST_NAME = "kubernetes.io/hostname";

  private static final String NODE_NAME_FIELD = "metadata.name";

  /** An affinity term without requirements matches no node, and so does one we can't read. */
  private static final Requirement NOTHING = new Requirement("", Operator.IN, Set.of());

  private PodConstraints() {}

  static Constraints of(PodSpec spec) {
    return new Constraints(terms(spec), tolerations(spec), preferences(spec));
  }

  /** The node selector, and one of the affinity's alternatives if there are any. */
  private static List<NodeTerm> terms(PodSpec spec) {
    Map<String, String> selector =
        new TreeMap<>(Objects.requireNonNullElse(spec.getNodeSelector(), Map.of()));
    NodeAffinity affinity = affinity(spec);
    var required =
        affinity == null ? null : affinity.getRequiredDuringSchedulingIgnoredDuringExecution();
    if (required == null) {
      return selector.isEmpty() ? List.of() : List.of(term(selector, null));
    }
    var terms = new ArrayList<NodeTerm>();
    for (NodeSelectorTerm alternative : required.getNodeSelectorTerms()) {
      terms.add(term(selector, alternative));
    }
    return terms.isEmpty() ? List.of(NodeTerm.of(NOTHING)) : terms;
  }

  private static List<Preference> preferences(PodSpec spec) {
    NodeAffinity affinity = affinity(spec);
    var preferences = new ArrayList<Preference>();
    if (affinity != null) {
      for (var preferred : affinity.getPreferredDuringSchedulingIgnoredDuringExecution()) {
        NodeSelectorTerm wish = preferred.getPreference();
        Integer weight = preferred.getWeight();
        // A wish for one node in particular is no tie-break between kinds of nodes: left out.
        if (wish != null
            && !isEmpty(wish)
            && weight != null
            && weight >= 1
            && weight <= 100
            && wish.getMatchFields().isEmpty()
            && wish.getMatchExpressions().stream()
                .noneMatch(expression -> HOST_NAME.equals(expression.getKey()))) {
          preferences.add(new Preference(term(Map.of(), wish), weight));
        }
      }
    }
    return preferences;
  }

  private static List<Toleration> tolerations(PodSpec spec) {
    var tolerations = new ArrayList<Toleration>();
    for (var toleration : spec.getTolerations()) {
      String operator = Objects.requireNonNullElse(toleration.getOperator(), "Equal");
      // An operator of a later Kubernetes tolerates nothing: rather wait than run where it must
      // not.
      if (operator.equals("Exists") || operator.equals("Equal")) {
        tolerations.add(
            new Toleration(
                orEmpty(toleration.getKey()),
                operator.equals("Exists"),
                orEmpty(toleration.getValue()),
                orEmpty(toleration.getEffect())));
      }
    }
    return tolerations;
  }

  private static NodeTerm term(
      Map<String, String> selector, @Nullable NodeSelectorTerm alternative) {
    var labels = new ArrayList<Requirement>();
    var ownLabels = new ArrayList<Requirement>();
    var names = new ArrayList<Requirement>();
    selector.forEach(
        (key, value) ->
            (HOST_NAME.equals(key) ? ownLabels : labels)
                .add(new Requirement(key, Operator.IN, Set.of(value))));
    if (alternative != null) {
      if (isEmpty(alternative)) {
        labels.add(NOTHING);
      }
      for (NodeSelectorRequirement expression : alternative.getMatchExpressions()) {
        (HOST_NAME.equals(expression.getKey()) ? ownLabels : labels).add(requirement(expression));
      }
      for (NodeSelectorRequirement field : alternative.getMatchFields()) {
        names.add(NODE_NAME_FIELD.equals(field.getKey()) ? requirement(field) : NOTHING);
      }
    }
    return new NodeTerm(labels, ownLabels, names);
  }

  private static Requirement requirement(NodeSelectorRequirement expression) {
    Operator operator =
        switch (expression.getOperator()) {
          case "In" -> Operator.IN;
          case "NotIn" -> Operator.NOT_IN;
          case "Exists" -> Operator.EXISTS;
          case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
          case "Gt" -> Operator.GREATER;
          case "Lt" -> Operator.LESS;
          default -> null;
        };
    return operator == null
        ? NOTHING
        : new Requirement(expression.getKey(), operator, Set.copyOf(expression.getValues()));
  }

  private static boolean isEmpty(NodeSelectorTerm term) {
    return term.getMatchExpressions().isEmpty() && term.getMatchFields().isEmpty();
  }

  private static @Nullable NodeAffinity affinity(PodSpec spec) {
    return spec.getAffinity() == null ? null : spec.getAffinity().getNodeAffinity();
  }

  private static String orEmpty(@Nullable String value) {
    return value == null ? "" : value;
  }
}
