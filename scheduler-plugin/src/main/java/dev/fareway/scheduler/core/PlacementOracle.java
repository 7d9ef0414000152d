package dev.fareway.scheduler.core;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says when something has gone wrong that never may, for tests and simulations: no instance is
 * placed while it is placed, none is lost, a node is given no more than it has, the next instance
 * is the one that the discipline names, and every charge is there once.
 *
 * <p>Stands between a shard and its host and keeps books of its own, as naively as can be: it looks
 * at everything each time. Every violation is an {@link IllegalStateException} that names it.
 */
public final class PlacementOracle implements PlacementSink {
  private final PlacementSink host;
  private final Map<String, Room> allocatable = new HashMap<>();
  private final Map<String, Instance> instances = new HashMap<>();
  private final Set<String> waiting = new HashSet<>();
  private final Map<String, String> placed = new HashMap<>();

  /** An oracle that passes on to a host what it found right. */
  public PlacementOracle(PlacementSink host) {
    this.host = host;
  }

  /** A node is there, with so much room. */
  public void node(String name, Room room) {
    allocatable.put(name, room);
  }

  /** A node is gone. */
  public void nodeGone(String name) {
    allocatable.remove(name);
  }

  /** A shard has taken an instance. */
  public void offered(Instance instance) {
    instances.put(instance.uid(), instance);
    waiting.add(instance.uid());
  }

  /** A binding has failed; the instance waits again. */
  public void failed(String uid) {
    require(placed.remove(uid) != null, "%s failed to be bound but was not placed", uid);
    waiting.add(uid);
  }

  /** An instance has ended, placed or not. */
  public void ended(String uid) {
    instances.remove(uid);
    waiting.remove(uid);
    placed.remove(uid);
  }

  /** The instances that wait. */
  public Set<String> waiting() {
    return Set.copyOf(waiting);
  }

  /** The instances that have a node, and which. */
  public Map<String, String> placed() {
    return Map.copyOf(placed);
  }

  @Override
  public void considers(Instance instance) {
    host.considers(instance);
  }

  @Override
  public void bind(Instance instance, String node, How how) {
    String uid = instance.uid();
    require(!placed.containsKey(uid), "%s is placed twice", uid);
    require(waiting.remove(uid), "%s is placed but does not wait", uid);
    Room room = allocatable.get(node);
    require(room != null, "%s is placed on %s, which is not there", uid, node);
    if (room != null) {
      var books = new NodeBooks();
      books.has(room);
      placed.forEach(
          (other, on) -> {
            Instance there = instances.get(other);
            if (on.equals(node) && there != null) {
              books.take(there.needs());
            }
          });
      require(books.hasRoomFor(instance.needs()), "%s is placed on %s, which is full", uid, node);
    }
    placed.put(uid, node);
    host.bind(instance, node, how);
  }

  @Override
  public void poll(long pollId, Instance instance, List<String> nodes) {
    require(waiting.contains(instance.uid()), "%s is asked for but does not wait", instance.uid());
    require(Set.copyOf(nodes).size() == nodes.size(), "%s: asked twice in one poll", nodes);
    host.poll(pollId, instance, nodes);
  }

  @Override
  public void preempt(Instance instance, String node, List<Victim> victims) {
    require(waiting.contains(instance.uid()), "%s preempts but does not wait", instance.uid());
    for (Victim victim : victims) {
      require(
          node.equals(placed.get(victim.uid())),
          "%s is to leave %s, where it is not",
          victim.uid(),
          node);
    }
    host.preempt(instance, node, victims);
  }

  @Override
  public void promiseEnded(Instance instance, String node) {
    require(waiting.contains(instance.uid()), "%s lost a promise but has a node", instance.uid());
    host.promiseEnded(instance, node);
  }

  @Override
  public void refused(Instance instance, Refusal refusal) {
    require(waiting.contains(instance.uid()), "%s is refused but does not wait", instance.uid());
    host.refused(instance, refusal);
  }

  /**
   * Checks that none is lost, that every structure of the shards agrees with the others, and that
   * the next instance is the right one. Looks at everything.
   */
  public void check(Cluster cluster, Collection<Shard> shards, long nowNanos) {
    int known = 0;
    for (Shard shard : shards) {
      require(shard.isSound(), "a shard's books disagree");
      known += shard.waiting();
      checkNext(shard, nowNanos);
    }
    require(
        known == waiting.size(),
        "%s instances wait, but the shards have %s",
        waiting.size(),
        known);
    for (NodeState node : cluster.nodes()) {
      checkNode(cluster, node);
    }
    for (Shape shape : cluster.exhausted()) {
      checkExhausted(cluster, shape);
    }
  }

  private static void checkNext(Shard shard, long nowNanos) {
    Ticket next = shard.next(nowNanos);
    for (Ticket ticket : shard.tickets()) {
      if (ticket.state == Ticket.State.QUEUED) {
        require(next != null, "%s waits but none is next", ticket.instance.uid());
        if (next != null && ticket != next) {
          boolean rightful =
              ticket.lane == next.lane
                  ? next.isBefore(ticket)
                  : shard.goesBefore(next, oldest(shard, ticket.lane, ticket), nowNanos);
          require(
              rightful,
              "%s is next, but %s goes before it",
              next.instance.uid(),
              ticket.instance.uid());
        }
      }
    }
  }

  private static Ticket oldest(Shard shard, int lane, Ticket one) {
    Ticket oldest = one;
    for (Ticket ticket : shard.tickets()) {
      if (ticket.state == Ticket.State.QUEUED && ticket.lane == lane && ticket.isBefore(oldest)) {
        oldest = ticket;
      }
    }
    return oldest;
  }

  private static void checkNode(Cluster cluster, NodeState node) {
    var books = new NodeBooks();
    int functions = 0;
    int charged = 0;
    long chargedMemoryBytes = 0;
    for (Occupant occupant : cluster.occupants()) {
      if (occupant.node == node) {
        books.take(occupant.room);
        functions += occupant.function ? 1 : 0;
        charged += occupant.charged ? 1 : 0;
        chargedMemoryBytes += occupant.charged ? occupant.chargedMemoryBytes : 0;
      }
    }
    require(node.agreesWith(books), "%s: what is taken is not what its pods take", node.name);
    require(
        node.functionCount == functions
            && node.chargedFunctions == charged
            && node.chargedMemoryBytes == chargedMemoryBytes,
        "%s: %s functions and %s charges, but %s and %s in its books",
        node.name,
        functions,
        charged,
        node.functionCount,
        node.chargedFunctions);
    NodeGroup group = node.group;
    require(
        group == null
            || (group.weightAt(node.groupIndex) == node.weight
                && group.briefAt(node.groupIndex) == node.brief()
                && group.at(node.groupIndex) == node),
        "%s: its row is not what the node is",
        node.name);
    require(
        node.list == null || (node.buckets != null && node.group != null),
        "%s is on an idle list but in no bucket",
        node.name);
  }

  private static void checkExhausted(Cluster cluster, Shape shape) {
    Eligibility eligibility = cluster.refreshed(shape.eligibility);
    for (NodeState node : cluster.nodes()) {
      require(
          !eligibility.admitsAny(node, shape.needs) || shape.knowsFreed(node),
          "%s has room for those of which it is said that no node has",
          node.name);
    }
  }

  @SuppressWarnings("AnnotateFormatMethod") // Would be a dependency for the sake of %s alone.
  private static void require(boolean right, String message, @Nullable Object... arguments) {
    if (!right) {
      throw new IllegalStateException(message.formatted(arguments));
    }
  }
}
