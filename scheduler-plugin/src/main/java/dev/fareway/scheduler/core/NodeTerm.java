package dev.fareway.scheduler.core;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Requirements that a node meets all of. They stand in two parts, because nodes are looked at in
 * groups: what many nodes have in common, and what differs from node to node.
 *
 * @param labels on labels that many nodes share: they decide about a whole group of nodes at once
 * @param ownLabels on labels that differ from node to node (the host name): they decide about one
 *     node each
 * @param names on the node's name; their keys mean nothing
 */
public record NodeTerm(
    List<Requirement> labels, List<Requirement> ownLabels, List<Requirement> names) {
  public NodeTerm {
    labels = List.copyOf(labels);
    ownLabels = List.copyOf(ownLabels);
    names = List.copyOf(names);
  }

  /** A term on common labels only. */
  public static NodeTerm of(Requirement... labels) {
    return new NodeTerm(List.of(labels), List.of(), List.of());
  }

  /** A term that allows just these nodes. */
  public static NodeTerm named(String... names) {
    return new NodeTerm(
        List.of(), List.of(), List.of(new Requirement("", Requirement.Operator.IN, Set.of(names))));
  }

  boolean allowsGroup(Map<String, String> groupLabels) {
    for (Requirement requirement : labels) {
      if (!requirement.holds(groupLabels)) {
        return false;
      }
    }
    return true;
  }

  boolean decidesByGroupOnly() {
    return ownLabels.isEmpty() && names.isEmpty();
  }

  boolean allowsNode(NodeState node) {
    for (Requirement requirement : names) {
      if (!requirement.holdsFor(node.name)) {
        return false;
      }
    }
    for (Requirement requirement : ownLabels) {
      if (!requirement.holds(node.labels)) {
        return false;
      }
    }
    return true;
  }

  /** The names of the only nodes it allows, if it lists them. */
  Optional<Set<String>> onlyNames() {
    return names.stream()
        .filter(requirement -> requirement.operator() == Requirement.Operator.IN)
        .map(Requirement::values)
        .findFirst();
  }

  /** The demand on an own label that lists its values, if there is one. */
  Optional<Requirement> listedOwnLabel() {
    return ownLabels.stream()
        .filter(requirement -> requirement.operator() == Requirement.Operator.IN)
        .findFirst();
  }
}
