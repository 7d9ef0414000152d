package dev.fareway.scheduler.core;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where an instance may run. Equal constraints share one list of eligible nodes, so pods of one
 * function cost one comparison with the kinds of nodes, not one each.
 *
 * @param terms alternatives; none at all: every node
 * @param tolerations the taints it tolerates
 * @param preferences what decides between nodes with equally many functions
 */
public record Constraints(
    List<NodeTerm> terms, List<Toleration> tolerations, List<Preference> preferences) {
  /** Any node without taints. */
  public static final Constraints NONE = new Constraints(List.of(), List.of(), List.of());

  public Constraints {
    terms = List.copyOf(terms);
    tolerations = List.copyOf(tolerations);
    preferences = List.copyOf(preferences);
  }

  /** Why no node of such traits will do, in words; empty if some may. */
  Optional<String> refusal(NodeTraits traits) {
    if (!traits.schedulable()) {
      return Optional.of("not ready or cordoned");
    }
    for (Taint taint : traits.taints()) {
      if (tolerations.stream().noneMatch(toleration -> toleration.covers(taint))) {
        return Optional.of("with the taint %s that the pod does not tolerate".formatted(taint));
      }
    }
    return terms.isEmpty() || terms.stream().anyMatch(term -> term.allowsGroup(traits.labels()))
        ? Optional.empty()
        : Optional.of("not matching the pod's node selector or affinity");
  }

  /** Whether a group alone does not tell: some nodes of it may be allowed and others not. */
  boolean differWithinGroups() {
    return terms.stream().anyMatch(term -> !term.decidesByGroupOnly());
  }

  /** Whether this very node is allowed. Its group's taints were looked at before. */
  boolean allows(NodeState node, Map<String, String> groupLabels) {
    for (NodeTerm term : terms) {
      if (term.allowsGroup(groupLabels) && term.allowsNode(node)) {
        return true;
      }
    }
    return terms.isEmpty();
  }

  int score(Map<String, String> groupLabels) {
    int score = 0;
    for (Preference preference : preferences) {
      if (preference.term().allowsGroup(groupLabels)) {
        score += preference.weight();
      }
    }
    return score;
  }

  /** The keys of the common labels that it looks at. */
  Set<String> commonKeys() {
    return Stream.concat(terms.stream(), preferences.stream().map(Preference::term))
        .flatMap(term -> term.labels().stream())
        .map(Requirement::key)
        .collect(Collectors.toUnmodifiableSet());
  }
}
