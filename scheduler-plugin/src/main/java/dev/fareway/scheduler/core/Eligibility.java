package dev.fareway.scheduler.core;

/** The groups of nodes that some constraints allow; kept until the set of groups changes. */
final class Eligibility {
  final Constraints constraints;
  NodeGroup[] groups = {};
  long version = -1;

  Eligibility(Constraints constraints) {
    this.constraints = constraints;
  }

  /** What the groups don't tell: whether the constraints allow this very node, and it has room. */
  boolean admits(NodeState node, Instance instance) {
    return (constraints.nodeNames().isEmpty() || constraints.nodeNames().contains(node.name))
        && node.hasRoomFor(instance.needs());
  }
}
