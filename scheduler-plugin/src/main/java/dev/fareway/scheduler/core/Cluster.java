package dev.fareway.scheduler.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The nodes as all shards of one replica see them: what they have and what is taken, from the API
 * server; their loads, from their dispatchers. Not thread-safe: the host's one placement thread
 * owns it and its shards.
 *
 * <p>Nodes stand in groups by what constraints on common labels can tell of them; only labels that
 * some constraints have looked at count. So constraints are compared with a handful of groups, and
 * a label that is different on every node makes no difference until someone asks for it.
 */
public final class Cluster {
  private static final int MAX_ELIGIBILITIES = 10_000;

  private final Map<String, NodeState> nodes = new HashMap<>();
  private final Map<NodeTraits, NodeGroup> groups = new HashMap<>();
  private final List<Integer> freeGroupIds = new ArrayList<>();
  private final Set<String> commonKeys = new HashSet<>();

  /** Nodes by the value of a label that differs from node to node, for those keys asked for. */
  private final Map<String, Map<String, Set<NodeState>>> byOwnLabel = new HashMap<>();

  private final Map<Constraints, Eligibility> eligibilities = new HashMap<>();
  private final Map<String, Occupant> occupants = new HashMap<>();
  private final List<Shape> exhausted = new ArrayList<>();

  /** How many function instances there are on nodes, by the price of their class. */
  private final TreeMap<Long, Integer> byPrice = new TreeMap<>();

  private int nextNodeOrder;
  private long nextOccupant;

  /** Counts changes of the set of groups: what was found eligible before is out of date. */
  private long groupsVersion;

  /** Counts changes of which nodes there are and in which groups they are. */
  private long nodesVersion;

  /** Counts how often an exhausted shape was offered a node. */
  private long openings;

  /** Adds a node, or says how it is now. */
  public void putNode(String name, NodeTraits traits, Room allocatable) {
    NodeState node = stateOf(name);
    Room before = node.has();
    node.has(allocatable);
    boolean gained = node.hasMoreThan(before);
    if (node.group == null || !node.traits.equals(traits)) {
      dropOwnLabels(node);
      node.traits = traits;
      node.labels = traits.labels();
      addOwnLabels(node);
      regroup(node);
      gained = true;
    }
    node.weigh();
    if (gained) {
      offer(node);
    }
  }

  /** Takes a node away. What is known of its pods stays until they are released. */
  public void removeNode(String name) {
    NodeState node = nodes.get(name);
    if (node != null) {
      leaveList(node);
      leaveGroup(node);
      dropOwnLabels(node);
      node.reachable = false;
      node.heard = false;
      node.weigh();
      dropIfUnused(node);
    }
  }

  /** A dispatcher's session has begun or ended. Without one, a node is judged by its pods. */
  public void reachable(String name, boolean reachable) {
    NodeState node = stateOf(name);
    node.reachable = reachable;
    if (!reachable) {
      node.heard = false;
      leaveList(node);
    }
    node.weigh();
    if (!reachable) {
      dropIfUnused(node);
    }
  }

  /** A dispatcher has said how its node's load is. */
  public void heard(String name, Load load) {
    NodeState node = stateOf(name);
    for (String uid : load.countedUids()) {
      Occupant occupant = occupants.get(uid);
      if (occupant != null && occupant.node == node) {
        discharge(occupant, node);
      }
    }
    node.heard = true;
    node.heardFunctions = load.functions();
    node.heardMemoryBytes = load.availableMemoryBytes();
    node.weigh();
  }

  /**
   * A pod is on a node, says the API server. Repeating it changes nothing.
   *
   * @param function whether it is a function instance
   * @param priceNanoUnits what a CPU second of its class costs; of no meaning if it is none
   */
  public void occupy(
      String uid, String nodeName, Room room, boolean function, long priceNanoUnits) {
    NodeState node = stateOf(nodeName);
    Occupant occupant =
        occupants.computeIfAbsent(uid, _ -> new Occupant(uid, nextOccupant++, room, function));
    if (occupant.node != node) {
      vacate(occupant);
      occupant.room = room;
      occupant.function = function;
      settleOn(occupant, node);
    }
    reprice(occupant, priceNanoUnits);
    if (!occupant.confirmed) {
      occupant.confirmed = true;
      countPrice(occupant, 1);
    }
  }

  /** The class of a pod that is on a node costs so much now. */
  public void reprice(String uid, long priceNanoUnits) {
    Occupant occupant = occupants.get(uid);
    if (occupant != null) {
      reprice(occupant, priceNanoUnits);
    }
  }

  /** Another replica has promised a waiting function instance room on a node. */
  public void reserve(String uid, String nodeName, Room room) {
    Occupant occupant =
        occupants.computeIfAbsent(uid, _ -> new Occupant(uid, nextOccupant++, room, true));
    NodeState node = nodes.get(nodeName);
    if (node != null && !occupant.confirmed && occupant.node != node) {
      vacate(occupant);
      settleOn(occupant, node);
    }
  }

  /** A pod is ending: its room will be free. */
  public void leaving(String uid) {
    Occupant occupant = occupants.get(uid);
    if (occupant != null) {
      occupant.leaving = true;
    }
  }

  /**
   * A pod could not be made to leave, for its disruption budget or for other reasons: it is left
   * alone for a while.
   */
  void stays(String uid, long untilNanos) {
    Occupant occupant = occupants.get(uid);
    if (occupant != null) {
      occupant.leaving = false;
      occupant.protectedUntilNanos = untilNanos;
    }
  }

  /** Whether any function instance is on a node whose class is cheaper. */
  boolean hasCheaper(long priceNanoUnits) {
    return !byPrice.headMap(priceNanoUnits).isEmpty();
  }

  /** A pod is gone or has ended. */
  public void release(String uid) {
    Occupant occupant = occupants.remove(uid);
    if (occupant != null) {
      vacate(occupant);
    }
  }

  /** How many nodes the API server has told of. */
  public int size() {
    int size = 0;
    for (NodeGroup group : groups.values()) {
      size += group.size();
    }
    return size;
  }

  /** How many functions run on a node, as placement counts them; 0 if there is no such node. */
  public int functions(String name) {
    NodeState node = nodes.get(name);
    return node == null ? 0 : node.functions();
  }

  /** The node that a pod is on or is meant for; null if it has none. */
  @Nullable NodeState nodeOf(String uid) {
    Occupant occupant = occupants.get(uid);
    return occupant == null ? null : occupant.node;
  }

  long openings() {
    return openings;
  }

  @Nullable NodeState node(String name) {
    return nodes.get(name);
  }

  Collection<NodeState> nodes() {
    return nodes.values();
  }

  Collection<Occupant> occupants() {
    return occupants.values();
  }

  Collection<Shape> exhausted() {
    return exhausted;
  }

  NodeState stateOf(String name) {
    NodeState node = nodes.get(name);
    if (node == null) {
      node = new NodeState(name, nextNodeOrder++);
      nodes.put(name, node);
    }
    return node;
  }

  Shape shape(Instance instance) {
    Constraints constraints = instance.constraints();
    Eligibility eligibility = eligibilities.get(constraints);
    if (eligibility == null) {
      if (eligibilities.size() == MAX_ELIGIBILITIES) {
        eligibilities.clear();
      }
      eligibility = new Eligibility(constraints);
      eligibilities.put(constraints, eligibility);
      lookAt(constraints);
    }
    return eligibility.shape(instance.needs());
  }

  /** The same eligibility, as the nodes are now. */
  Eligibility refreshed(Eligibility eligibility) {
    if (eligibility.groupsVersion != groupsVersion) {
      List<NodeGroup> allowed = new ArrayList<>();
      for (NodeGroup group : groups.values()) {
        if (eligibility.constraints.refusal(group.traits).isEmpty()) {
          allowed.add(group);
        }
      }
      allowed.sort((a, b) -> Integer.compare(a.id, b.id));
      eligibility.groups(allowed.toArray(NodeGroup[]::new));
      eligibility.groupsVersion = groupsVersion;
      eligibility.nodesVersion = -1;
    }
    if (eligibility.nodesVersion != nodesVersion) {
      eligibility.nodes(listed(eligibility.constraints));
      eligibility.nodesVersion = nodesVersion;
    }
    return eligibility;
  }

  /** Announces an instance that may be placed: what its placement needs is allocated here, once. */
  Occupant expect(String uid, Shape shape, long priceNanoUnits) {
    Occupant occupant =
        occupants.computeIfAbsent(uid, _ -> new Occupant(uid, nextOccupant++, shape.needs, true));
    reprice(occupant, priceNanoUnits);
    return occupant;
  }

  /**
   * Takes room for a decision, and charges the node until its dispatcher has counted the instance.
   */
  void charge(Occupant occupant, NodeState node, long memoryBytes) {
    vacate(occupant);
    occupant.charged = true;
    occupant.chargedMemoryBytes = memoryBytes;
    node.chargedFunctions++;
    node.chargedMemoryBytes += memoryBytes;
    settleOn(occupant, node);
  }

  /** Takes a decision back that the API server has not confirmed. */
  void withdraw(Occupant occupant) {
    if (!occupant.confirmed) {
      vacate(occupant);
    }
  }

  /** No node admits this shape: from now on it is offered each node that gains room. */
  void exhaust(Shape shape) {
    shape.exhaust();
    exhausted.add(shape);
  }

  /** An instance of this shape has found a node or has gone. */
  void noLongerWaits(Shape shape) {
    if (--shape.waiting == 0 && shape.isExhausted()) {
      exhausted.remove(shape);
      shape.relent();
    }
  }

  /** Why no node will do. Looks at every node: only for what is exhausted, and now and then. */
  Refusal refusal(Shape shape) {
    var reasons = new TreeMap<String, Integer>();
    int total = 0;
    boolean everFits = false;
    for (NodeGroup group : groups.values()) {
      total += group.size();
      String refusal = shape.eligibility.constraints.refusal(group.traits).orElse(null);
      if (refusal != null) {
        reasons.merge(refusal, group.size(), Integer::sum);
        continue;
      }
      for (int i = 0; i < group.size(); i++) {
        NodeState node = group.at(i);
        boolean allowed = shape.eligibility.constraints.allows(node, group.traits.labels());
        boolean couldHold = allowed && node.couldEverHold(shape.needs);
        everFits |= couldHold;
        String reason =
            !allowed
                ? "not named by the pod's affinity"
                : couldHold ? node.lacks(shape.needs).orElse("just freed") : tooSmall(shape.needs);
        reasons.merge(reason, 1, Integer::sum);
      }
    }
    if (total == 0) {
      return new Refusal(Refusal.Outlook.NEVER_AS_IS, "there are no nodes");
    }
    var words = new StringBuilder("0 of %d nodes will do: ".formatted(total));
    String separator = "";
    for (var reason : reasons.entrySet()) {
      words.append(separator).append(reason.getValue()).append(' ').append(reason.getKey());
      separator = ", ";
    }
    return new Refusal(
        everFits ? Refusal.Outlook.NOT_NOW : Refusal.Outlook.NEVER_AS_IS, words.toString());
  }

  private static String tooSmall(Room needs) {
    var words =
        new StringBuilder(
            "too small even when empty (the pod requests %d mCPU and %d MiB"
                .formatted(needs.milliCpus(), needs.memoryBytes() >> 20));
    new TreeMap<>(needs.others())
        .forEach((name, amount) -> words.append(" and ").append(amount).append(' ').append(name));
    return words.append(')').toString();
  }

  /** From now on groups are told apart by the labels that these constraints look at. */
  private void lookAt(Constraints constraints) {
    boolean tellsApart = false;
    for (String key : constraints.commonKeys()) {
      if (commonKeys.add(key)) {
        tellsApart |= nodes.values().stream().anyMatch(node -> node.labels.containsKey(key));
      }
    }
    if (tellsApart) {
      for (NodeState node : nodes.values()) {
        if (node.group != null) {
          regroup(node);
        }
      }
    }
    for (NodeTerm term : constraints.terms()) {
      for (Requirement requirement : term.ownLabels()) {
        if (!byOwnLabel.containsKey(requirement.key())) {
          byOwnLabel.put(requirement.key(), new HashMap<>());
          nodes.values().stream().filter(node -> node.group != null).forEach(this::addOwnLabels);
        }
      }
    }
  }

  /** The only nodes there may be, if each term lists some; null if it does not. */
  private NodeState @Nullable [] listed(Constraints constraints) {
    if (constraints.terms().isEmpty()) {
      return null;
    }
    var found = new LinkedHashSet<NodeState>();
    for (NodeTerm term : constraints.terms()) {
      Optional<Set<String>> names = term.onlyNames();
      Optional<Requirement> label = term.listedOwnLabel();
      if (names.isPresent()) {
        names.get().stream().sorted().map(nodes::get).filter(Objects::nonNull).forEach(found::add);
      } else if (label.isPresent()) {
        var byValue = byOwnLabel.getOrDefault(label.get().key(), Map.of());
        label.get().values().stream()
            .sorted()
            .forEach(value -> found.addAll(byValue.getOrDefault(value, Set.of())));
      } else {
        return null;
      }
    }
    return found.toArray(NodeState[]::new);
  }

  private void addOwnLabels(NodeState node) {
    byOwnLabel.forEach(
        (key, byValue) -> {
          String value = node.labels.get(key);
          if (value != null) {
            byValue.computeIfAbsent(value, _ -> new LinkedHashSet<>()).add(node);
          }
        });
  }

  private void dropOwnLabels(NodeState node) {
    byOwnLabel.forEach(
        (key, byValue) -> {
          Set<NodeState> same = byValue.get(node.labels.getOrDefault(key, ""));
          if (same != null && same.remove(node) && same.isEmpty()) {
            byValue.remove(node.labels.getOrDefault(key, ""));
          }
        });
  }

  /** Puts a node into the group of its traits; it stays on its idle list. */
  private void regroup(NodeState node) {
    NodeTraits traits = node.traits.withOnly(commonKeys);
    if (node.group != null && node.group.traits.equals(traits)) {
      return;
    }
    IdleList list = node.list;
    leaveList(node);
    leaveGroup(node);
    NodeGroup group = groups.get(traits);
    if (group == null) {
      int id = freeGroupIds.isEmpty() ? groups.size() : freeGroupIds.removeLast();
      group = new NodeGroup(traits, id);
      groups.put(traits, group);
      groupsVersion++;
    }
    group.add(node);
    nodesVersion++;
    if (list != null) {
      list.join(node, node.expiresAtNanos);
    }
  }

  private static void leaveList(NodeState node) {
    if (node.list != null) {
      node.list.leave(node);
    }
  }

  private void leaveGroup(NodeState node) {
    NodeGroup group = node.group;
    if (group != null) {
      group.remove(node);
      nodesVersion++;
      if (group.size() == 0) {
        groups.remove(group.traits);
        freeGroupIds.add(group.id);
        groupsVersion++;
      }
    }
  }

  private void settleOn(Occupant occupant, NodeState node) {
    occupant.node = node;
    node.take(occupant.room);
    if (occupant.function) {
      node.addFunction(occupant);
    }
    node.weigh();
  }

  private void vacate(Occupant occupant) {
    NodeState node = occupant.node;
    if (node == null) {
      return;
    }
    if (occupant.confirmed) {
      countPrice(occupant, -1);
    }
    occupant.node = null;
    occupant.confirmed = false;
    node.giveBack(occupant.room);
    if (occupant.function) {
      node.removeFunction(occupant);
    }
    discharge(occupant, node);
    node.weigh();
    offer(node);
    dropIfUnused(node);
  }

  private void reprice(Occupant occupant, long priceNanoUnits) {
    if (occupant.priceNanoUnits != priceNanoUnits) {
      if (occupant.confirmed) {
        countPrice(occupant, -1);
      }
      occupant.priceNanoUnits = priceNanoUnits;
      if (occupant.confirmed) {
        countPrice(occupant, 1);
      }
    }
  }

  private void countPrice(Occupant occupant, int by) {
    if (occupant.function) {
      int count = byPrice.getOrDefault(occupant.priceNanoUnits, 0) + by;
      if (count == 0) {
        byPrice.remove(occupant.priceNanoUnits);
      } else {
        byPrice.put(occupant.priceNanoUnits, count);
      }
    }
  }

  private static void discharge(Occupant occupant, NodeState node) {
    if (occupant.charged) {
      occupant.charged = false;
      node.chargedFunctions--;
      node.chargedMemoryBytes -= occupant.chargedMemoryBytes;
    }
  }

  /** A node has more room, or new traits: those that fitted nowhere may fit there. */
  private void offer(NodeState node) {
    for (int i = exhausted.size() - 1; i >= 0; i--) {
      Shape shape = exhausted.get(i);
      if (refreshed(shape.eligibility).admitsAny(node, shape.needs)) {
        openings++;
        if (!shape.offer(node)) {
          exhausted.remove(i);
          shape.relent();
        }
      }
    }
  }

  /**
   * A node that the API server does not know and that has neither pods nor a session is forgotten.
   */
  private void dropIfUnused(NodeState node) {
    if (node.group == null && !node.reachable && node.isUnused()) {
      nodes.remove(node.name, node);
    }
  }
}
