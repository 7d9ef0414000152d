package dev.fareway.scheduler.core;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where an instance may run. Equal constraints share one list of eligible nodes, so pods of one
 * function cost one comparison with the nodes' traits, not one each.
 *
 * @param terms alternatives, each a list of requirements that all hold; none at all: every node
 * @param nodeNames the only nodes allowed, by name; empty: any
 * @param tolerations the taints it tolerates
 */
public record Constraints(
    List<List<Requirement>> terms, Set<String> nodeNames, List<Toleration> tolerations) {
  /** Any node without taints. */
  public static final Constraints NONE = new Constraints(List.of(), Set.of(), List.of());

  public Constraints {
    terms = terms.stream().map(List::copyOf).toList();
    nodeNames = Set.copyOf(nodeNames);
    tolerations = List.copyOf(tolerations);
  }

  /** Why a node of such traits won't do, in words; empty if it does. */
  Optional<String> refusal(NodeTraits traits) {
    if (!traits.schedulable()) {
      return Optional.of("not ready or cordoned");
    }
    for (Taint taint : traits.taints()) {
      if (tolerations.stream().noneMatch(toleration -> toleration.covers(taint))) {
        return Optional.of("with the taint %s that the pod does not tolerate".formatted(taint));
      }
    }
    boolean matches =
        terms.isEmpty()
            || terms.stream()
                .anyMatch(
                    term ->
                        term.stream().allMatch(requirement -> requirement.holds(traits.labels())));
    return matches
        ? Optional.empty()
        : Optional.of("not matching the pod's node selector or affinity");
  }
}
