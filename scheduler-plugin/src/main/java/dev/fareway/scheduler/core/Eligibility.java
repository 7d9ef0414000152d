package dev.fareway.scheduler.core;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that some constraints allow, as groups; kept until the set of groups changes. {@link
 * Cluster#refreshed} sees to that before each use.
 */
final class Eligibility {
  private static final int MAX_SHAPES = 1_000;

  final Constraints constraints;
  private final boolean differWithinGroups;
  private final Map<Room, Shape> shapes = new HashMap<>();

  NodeGroup[] groups = {};

  /** By position in {@link #groups}: how well the preferences match. */
  private int[] scores = {};

  /** By the group's id: its score, or -1 if the constraints don't allow it. */
  private int[] scoreById = {};

  /** By position in {@link #groups}: how many nodes there are up to the end of it. */
  private int[] ends = {};

  /** The only nodes there may be, if the constraints list them: these need no search. */
  private NodeState @Nullable [] listed;

  long groupsVersion = -1;
  long nodesVersion = -1;

  Eligibility(Constraints constraints) {
    this.constraints = constraints;
    this.differWithinGroups = constraints.differWithinGroups();
  }

  /** Instances of these needs; instances of one shape fit on the same nodes. */
  Shape shape(Room needs) {
    Shape shape = shapes.get(needs);
    if (shape == null) {
      if (shapes.size() == MAX_SHAPES) {
        shapes.clear();
      }
      shape = new Shape(this, needs);
      shapes.put(needs, shape);
    }
    return shape;
  }

  void groups(NodeGroup[] allowed) {
    groups = allowed;
    scores = new int[allowed.length];
    int ids = 0;
    for (NodeGroup group : allowed) {
      ids = Math.max(ids, group.id + 1);
    }
    scoreById = new int[ids];
    Arrays.fill(scoreById, -1);
    for (int i = 0; i < allowed.length; i++) {
      scores[i] = constraints.score(allowed[i].traits.labels());
      scoreById[allowed[i].id] = scores[i];
    }
  }

  void nodes(NodeState @Nullable [] onlyThese) {
    listed = onlyThese;
    ends = new int[groups.length];
    int end = 0;
    for (int i = 0; i < groups.length; i++) {
      end += groups[i].size();
      ends[i] = end;
    }
  }

  /** The only nodes there may be, if the constraints list them; all the same look at each. */
  NodeState @Nullable [] listed() {
    return listed;
  }

  /** How many nodes there are to draw from; some of them may not be admitted. */
  int size() {
    return listed != null ? listed.length : ends.length == 0 ? 0 : ends[ends.length - 1];
  }

  /** The node of a number from 0 to {@link #size} - 1. */
  NodeState at(int index) {
    if (listed != null) {
      return listed[index];
    }
    int group = groupOf(index);
    return groups[group].at(positionIn(group, index));
  }

  /** The position in {@link #groups} of the group that the node of a number is in. */
  int groupOf(int index) {
    int low = 0;
    int high = ends.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (index < ends[middle]) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** The position in its group of the node of a number. */
  int positionIn(int group, int index) {
    return index - (ends[group] - groups[group].size());
  }

  /** Whether the group alone tells which nodes are allowed. */
  boolean isByGroup() {
    return listed == null && !differWithinGroups;
  }

  /** How well the preferences match a node; -1 if the constraints don't allow its group. */
  int score(NodeState node) {
    NodeGroup group = node.group;
    return group == null || group.id >= scoreById.length ? -1 : scoreById[group.id];
  }

  int scoreOfGroup(int position) {
    return scores[position];
  }

  /** Whether the constraints allow a node of an allowed group, and it has room. */
  boolean admits(NodeState node, Room needs) {
    return node.hasRoomFor(needs) && (!differWithinGroups || allowsItself(node));
  }

  /** Whether the constraints allow the node, whatever its group, and it has room. */
  boolean admitsAny(NodeState node, Room needs) {
    return score(node) >= 0 && admits(node, needs);
  }

  /** The same as {@link #admitsAny}, for a node that {@link #at} has given. */
  boolean admitsDrawn(NodeState node, Room needs) {
    return listed == null ? admits(node, needs) : admitsAny(node, needs);
  }

  /** Whether the constraints allow the node, room or not. */
  boolean allows(NodeState node) {
    return score(node) >= 0 && (!differWithinGroups || allowsItself(node));
  }

  private boolean allowsItself(NodeState node) {
    NodeGroup group = node.group;
    return group != null && constraints.allows(node, group.traits.labels());
  }
}
