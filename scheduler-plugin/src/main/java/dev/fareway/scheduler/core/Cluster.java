package dev.fareway.scheduler.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The nodes as all shards of one replica see them: what they have and what is taken, from the API
 * server; their loads, from their dispatchers. Not thread-safe: the host's one placement thread
 * owns it and its shards.
 */
public final class Cluster {
  private static final int MAX_ELIGIBILITIES = 10_000;

  private final Map<String, NodeState> nodes = new HashMap<>();
  private final Map<NodeTraits, NodeGroup> groups = new HashMap<>();
  private final Map<Constraints, Eligibility> eligibilities = new HashMap<>();
  private final Map<String, Occupant> occupants = new HashMap<>();
  private int nextNodeOrder;
  private int nextGroupId;

  /** Counts changes of the set of groups: what was found eligible before is out of date. */
  private long groupsVersion;

  /** Counts changes after which an instance that fitted nowhere may fit. */
  private long roomVersion;

  /** Adds a node, or says how it is now. */
  public void putNode(String name, NodeTraits traits, Room allocatable) {
    NodeState node = stateOf(name);
    boolean moreRoom =
        allocatable.milliCpus() > node.allocatableMilliCpus
            || allocatable.memoryBytes() > node.allocatableMemoryBytes
            || allocatable.pods() > node.allocatablePods;
    node.allocatableMilliCpus = allocatable.milliCpus();
    node.allocatableMemoryBytes = allocatable.memoryBytes();
    node.allocatablePods = allocatable.pods();
    if (node.group == null || !node.group.traits.equals(traits)) {
      leaveGroup(node);
      NodeGroup group = groups.get(traits);
      if (group == null) {
        group = new NodeGroup(traits, nextGroupId++);
        groups.put(traits, group);
        groupsVersion++;
      }
      group.add(node);
      moreRoom = true;
    }
    if (moreRoom) {
      roomVersion++;
    }
  }

  /** Takes a node away. What is known of its pods stays until they are released. */
  public void removeNode(String name) {
    NodeState node = nodes.get(name);
    if (node != null) {
      leaveGroup(node);
      node.reachable = false;
      node.heard = false;
      dropIfUnused(node);
    }
  }

  /** A dispatcher's session has begun or ended. Without one, a node is judged by its pods. */
  public void reachable(String name, boolean reachable) {
    NodeState node = stateOf(name);
    node.reachable = reachable;
    if (!reachable) {
      node.heard = false;
      if (node.list != null) {
        node.list.leave(node);
      }
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
    moved(node);
  }

  /**
   * A pod is on a node, says the API server. Repeating it changes nothing.
   *
   * @param function whether it is a function instance
   */
  public void occupy(String uid, String nodeName, Room room, boolean function) {
    NodeState node = stateOf(nodeName);
    Occupant occupant = occupants.computeIfAbsent(uid, _ -> new Occupant(room, function));
    if (occupant.node != node) {
      vacate(occupant);
      occupant.room = room;
      occupant.function = function;
      settleOn(occupant, node);
    }
    occupant.confirmed = true;
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
      size += group.nodes.size();
    }
    return size;
  }

  /** How many functions run on a node, as placement counts them; 0 if there is no such node. */
  public int functions(String name) {
    NodeState node = nodes.get(name);
    return node == null ? 0 : node.functions();
  }

  long roomVersion() {
    return roomVersion;
  }

  @Nullable NodeState node(String name) {
    return nodes.get(name);
  }

  NodeState stateOf(String name) {
    NodeState node = nodes.get(name);
    if (node == null) {
      node = new NodeState(name, nextNodeOrder++);
      nodes.put(name, node);
    }
    return node;
  }

  Eligibility eligibility(Constraints constraints) {
    Eligibility eligibility = eligibilities.get(constraints);
    if (eligibility == null) {
      if (eligibilities.size() == MAX_ELIGIBILITIES) {
        eligibilities.clear();
      }
      eligibility = new Eligibility(constraints);
      eligibilities.put(constraints, eligibility);
    }
    return refreshed(eligibility);
  }

  /** The same eligibility, as the groups are now. */
  Eligibility refreshed(Eligibility eligibility) {
    if (eligibility.version != groupsVersion) {
      Constraints constraints = eligibility.constraints;
      List<NodeGroup> eligible = new ArrayList<>();
      for (NodeGroup group : groups.values()) {
        if (constraints.refusal(group.traits).isEmpty()) {
          eligible.add(group);
        }
      }
      eligible.sort((a, b) -> Integer.compare(a.id, b.id));
      eligibility.groups = eligible.toArray(NodeGroup[]::new);
      eligibility.version = groupsVersion;
    }
    return eligibility;
  }

  /** Announces an instance that may be placed: what its placement needs is allocated here, once. */
  Occupant expect(Instance instance) {
    return occupants.computeIfAbsent(instance.uid(), _ -> new Occupant(instance.needs(), true));
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

  /**
   * Why no node will do, in words for the pod's condition. Looks at every node: only for an
   * instance that is parked.
   */
  String refusal(Instance instance) {
    var reasons = new TreeMap<String, Integer>();
    int total = 0;
    for (NodeGroup group : groups.values()) {
      total += group.nodes.size();
      String refusal = instance.constraints().refusal(group.traits).orElse(null);
      for (NodeState node : group.nodes) {
        reasons.merge(refusal != null ? refusal : refusal(node, instance), 1, Integer::sum);
      }
    }
    if (total == 0) {
      return "there are no nodes";
    }
    var words = new StringBuilder("0 of %d nodes will do: ".formatted(total));
    String separator = "";
    for (var reason : reasons.entrySet()) {
      words.append(separator).append(reason.getValue()).append(' ').append(reason.getKey());
      separator = ", ";
    }
    return words.toString();
  }

  private static String refusal(NodeState node, Instance instance) {
    Room needs = instance.needs();
    var names = instance.constraints().nodeNames();
    if (!names.isEmpty() && !names.contains(node.name)) {
      return "not named by the pod's affinity";
    }
    if (!node.couldEverHold(needs)) {
      return "too small even when empty (the pod requests %d mCPU and %d MiB)"
          .formatted(needs.milliCpus(), needs.memoryBytes() >> 20);
    }
    if (node.usedMilliCpus + needs.milliCpus() > node.allocatableMilliCpus) {
      return "with too little CPU not yet requested by others";
    }
    if (node.usedMemoryBytes + needs.memoryBytes() > node.allocatableMemoryBytes) {
      return "with too little memory not yet requested by others";
    }
    return node.hasRoomFor(needs) ? "just freed" : "with as many pods as they may have";
  }

  private void leaveGroup(NodeState node) {
    if (node.list != null) {
      node.list.leave(node);
    }
    NodeGroup group = node.group;
    if (group != null) {
      group.remove(node);
      if (group.nodes.isEmpty()) {
        groups.remove(group.traits);
        groupsVersion++;
      }
    }
  }

  private void settleOn(Occupant occupant, NodeState node) {
    occupant.node = node;
    node.usedMilliCpus += occupant.room.milliCpus();
    node.usedMemoryBytes += occupant.room.memoryBytes();
    node.usedPods += occupant.room.pods();
    if (occupant.function) {
      node.occupantFunctions++;
    }
    moved(node);
  }

  private void vacate(Occupant occupant) {
    NodeState node = occupant.node;
    if (node == null) {
      return;
    }
    occupant.node = null;
    occupant.confirmed = false;
    node.usedMilliCpus -= occupant.room.milliCpus();
    node.usedMemoryBytes -= occupant.room.memoryBytes();
    node.usedPods -= occupant.room.pods();
    if (occupant.function) {
      node.occupantFunctions--;
    }
    discharge(occupant, node);
    moved(node);
    roomVersion++;
    dropIfUnused(node);
  }

  private static void discharge(Occupant occupant, NodeState node) {
    if (occupant.charged) {
      occupant.charged = false;
      node.chargedFunctions--;
      node.chargedMemoryBytes -= occupant.chargedMemoryBytes;
    }
  }

  private static void moved(NodeState node) {
    if (node.heap != null) {
      node.heap.moved(node);
    }
  }

  /**
   * A node that the API server does not know and that has neither pods nor a session is forgotten.
   */
  private void dropIfUnused(NodeState node) {
    if (node.group == null && !node.reachable && node.usedPods == 0) {
      nodes.remove(node.name, node);
    }
  }
}
