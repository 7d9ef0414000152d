package dev.fareway.scheduler.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * One shard of the global scheduler (the paper, section 3.2): a price queue, an idle list, and the
 * rule by which the next instance gets its node. A state machine: the host tells it what happened
 * and asks it to place.
 *
 * <p>An instance is in one of five states: queued, polling (its candidates are being asked), placed
 * (the node is charged), backing off after a failed binding, parked because no node will do. From
 * each it can be removed. Placing one does not wait for the polls or bindings of another. Not
 * thread-safe: see {@link Cluster}.
 */
public final class Shard {
  /** What became of an instance that was offered. */
  public enum Added {
    QUEUED,
    /** It is here already. */
    KNOWN,
    /** The queue is at its limit: offer it again later. */
    FULL,
    /** There is no price class of its name. */
    UNKNOWN_CLASS
  }

  private final ShardOptions options;
  private final Cluster cluster;
  private final RandomGenerator random;
  private final PriceQueue queue;
  private final IdleList idleList = new IdleList();
  private final PowerOfK powerOfK;
  private final Map<String, Ticket> tickets = new HashMap<>();
  private final Map<Long, Poll> polls = new HashMap<>();
  private final PriorityQueue<Ticket> backingOff =
      new PriorityQueue<>(Comparator.comparingLong((Ticket ticket) -> ticket.retryAtNanos));
  private final Set<Ticket> parked = new LinkedHashSet<>();
  private final NodeState[] candidates;
  private long nextArrival;
  private long nextPollId;
  private long parkedAtVersion;
  private long reconsiderAtNanos;

  /**
   * An empty shard.
   *
   * @param cluster shared by the shards of one host
   * @param random for samples and jitter; the same seed and the same calls give the same decisions
   */
  public Shard(ShardOptions options, Cluster cluster, RandomGenerator random) {
    this.options = options;
    this.cluster = cluster;
    this.random = random;
    this.queue = new PriceQueue(options.discipline(), options.queueLimit());
    this.powerOfK = new PowerOfK(options.k(), random);
    this.candidates = new NodeState[options.k()];
  }

  /**
   * Says which price classes there are now.
   *
   * @return the instances that waited in a class that is gone; the shard has forgotten them
   */
  public List<Instance> classes(Collection<PricedClass> classes) {
    var orphans = new ArrayList<Instance>();
    for (Ticket orphan : queue.classes(classes)) {
      orphans.add(orphan.instance);
    }
    for (Ticket ticket : tickets.values()) {
      if ((ticket.state == Ticket.State.PARKED || ticket.state == Ticket.State.BACKING_OFF)
          && !queue.knows(ticket.instance.priceClass())) {
        orphans.add(ticket.instance);
      }
    }
    orphans.forEach(orphan -> forget(orphan.uid()));
    return orphans;
  }

  /** Takes an instance that waits for a node. */
  public Added add(Instance instance) {
    if (tickets.containsKey(instance.uid())) {
      return Added.KNOWN;
    }
    if (!queue.knows(instance.priceClass())) {
      return Added.UNKNOWN_CLASS;
    }
    var ticket =
        new Ticket(
            instance,
            nextArrival++,
            cluster.expect(instance),
            cluster.eligibility(instance.constraints()));
    if (!queue.add(ticket)) {
      cluster.release(instance.uid());
      return Added.FULL;
    }
    tickets.put(instance.uid(), ticket);
    return Added.QUEUED;
  }

  /**
   * The instance no longer waits here: it is bound or gone. What it takes of a node is {@link
   * Cluster}'s to know.
   */
  public void remove(String uid) {
    Ticket ticket = tickets.remove(uid);
    if (ticket != null) {
      switch (ticket.state) {
        case QUEUED -> queue.remove(ticket);
        case BACKING_OFF -> backingOff.remove(ticket);
        case PARKED -> parked.remove(ticket);
        case POLLING, PLACED -> {}
      }
    }
  }

  /** A node joins the idle list, or renews its entry, or says how its load has changed. */
  public void join(String nodeName, Load load, long nowNanos) {
    cluster.heard(nodeName, load);
    idleList.join(cluster.stateOf(nodeName), nowNanos + options.entryTtlNanos());
  }

  /** A node leaves the idle list. */
  public void leave(String nodeName) {
    NodeState node = cluster.node(nodeName);
    if (node != null) {
      idleList.leave(node);
    }
  }

  /** Whether a node is on this shard's idle list. */
  public boolean lists(String nodeName) {
    NodeState node = cluster.node(nodeName);
    return node != null && idleList.contains(node);
  }

  /** How many nodes are on the idle list. */
  public int idleListLength() {
    return idleList.size();
  }

  /**
   * Takes off the idle list who did not renew its entry. Looks at the whole list: call it every
   * second or so.
   */
  public void expire(long nowNanos) {
    idleList.expire(nowNanos);
  }

  /** Whether this shard has the instance: from its arrival until it is removed, placed or not. */
  public boolean knows(String uid) {
    return tickets.containsKey(uid);
  }

  /** How many instances of a class wait in the queue. */
  public int queued(String priceClass) {
    return queue.size(priceClass);
  }

  /** How many instances wait: queued, polling, backing off or parked. */
  public int waiting() {
    return queue.size() + polls.size() + backingOff.size() + parked.size();
  }

  /**
   * When {@link #place} has something to do next though nothing is told: a time, or Long.MAX_VALUE.
   */
  public long nextDueNanos() {
    if (queue.size() > 0) {
      return Long.MIN_VALUE;
    }
    Ticket first = backingOff.peek();
    long due = first == null ? Long.MAX_VALUE : first.retryAtNanos;
    return !parked.isEmpty() && parkedAtVersion != cluster.roomVersion()
        ? Math.min(due, reconsiderAtNanos)
        : due;
  }

  /**
   * Decides about the next instances.
   *
   * @param max how many at most
   * @return about how many it decided: fewer than {@code max} when none is left
   */
  public int place(long nowNanos, int max, PlacementSink sink) {
    requeueDue(nowNanos);
    for (int decided = 0; decided < max; decided++) {
      Ticket ticket = queue.poll(nowNanos);
      if (ticket == null) {
        return decided;
      }
      place(ticket, nowNanos, sink);
    }
    return max;
  }

  /**
   * The candidates of a poll have answered, or the deadline has passed; loads were told to {@link
   * Cluster#heard}.
   */
  public void answered(long pollId, PlacementSink sink) {
    Poll poll = polls.remove(pollId);
    if (poll == null || tickets.get(poll.ticket.instance.uid()) != poll.ticket) {
      return;
    }
    Ticket ticket = poll.ticket;
    NodeState node =
        PowerOfK.leastLoaded(
            current(ticket), ticket.instance, poll.candidates, poll.candidates.length);
    if (node == null) {
      // Their room went to others meanwhile: its turn comes again at once, with its age.
      enqueue(ticket);
    } else {
      settle(ticket, node, PlacementSink.How.POLLED, sink);
    }
  }

  /**
   * The binding failed in a way that may pass: the instance is tried again after a while, with its
   * age kept.
   */
  public void bindFailed(String uid, long nowNanos) {
    Ticket ticket = tickets.get(uid);
    if (ticket == null || ticket.state != Ticket.State.PLACED) {
      return;
    }
    cluster.withdraw(ticket.occupant);
    long wait = options.firstRetryNanos();
    for (int i = 0; i < ticket.attempts && wait < options.maxRetryNanos(); i++) {
      wait = Math.min(2 * wait, options.maxRetryNanos());
    }
    ticket.attempts++;
    ticket.state = Ticket.State.BACKING_OFF;
    // Half of it fixed, half drawn: retries of one burst spread out.
    ticket.retryAtNanos = nowNanos + wait / 2 + random.nextLong(wait / 2 + 1);
    backingOff.add(ticket);
  }

  /**
   * The binding was refused for good (the pod is gone, or bound by someone else): the decision is
   * taken back.
   */
  public void bindRefused(String uid) {
    Ticket ticket = tickets.remove(uid);
    if (ticket != null) {
      cluster.withdraw(ticket.occupant);
    }
  }

  private void place(Ticket ticket, long nowNanos, PlacementSink sink) {
    Eligibility eligibility = current(ticket);
    NodeState node = idleList.choose(eligibility, ticket.instance, nowNanos);
    if (node != null) {
      settle(ticket, node, PlacementSink.How.IDLE_LIST, sink);
      return;
    }
    int found = powerOfK.sample(eligibility, ticket.instance, candidates);
    if (found == 0) {
      park(ticket, nowNanos, sink);
      return;
    }
    boolean canBeAsked = false;
    for (int i = 0; i < found; i++) {
      canBeAsked |= candidates[i].reachable;
    }
    if (!canBeAsked) {
      NodeState best = PowerOfK.leastLoaded(eligibility, ticket.instance, candidates, found);
      settle(ticket, Objects.requireNonNull(best), PlacementSink.How.UNASKED, sink);
      return;
    }
    var poll = new Poll(ticket, Arrays.copyOf(candidates, found));
    long id = nextPollId++;
    polls.put(id, poll);
    ticket.state = Ticket.State.POLLING;
    var names = new ArrayList<String>(found);
    for (NodeState candidate : poll.candidates) {
      if (candidate.reachable) {
        names.add(candidate.name);
      }
    }
    sink.poll(id, ticket.instance, names);
  }

  private Eligibility current(Ticket ticket) {
    ticket.eligibility = cluster.refreshed(ticket.eligibility);
    return ticket.eligibility;
  }

  private void settle(Ticket ticket, NodeState node, PlacementSink.How how, PlacementSink sink) {
    cluster.charge(ticket.occupant, node, ticket.instance.memoryEstimateBytes());
    ticket.state = Ticket.State.PLACED;
    ticket.refusal = "";
    sink.bind(ticket.instance, node.name, how);
  }

  private void park(Ticket ticket, long nowNanos, PlacementSink sink) {
    if (parked.isEmpty()) {
      reconsiderAtNanos = nowNanos + options.reconsiderNanos();
    }
    parkedAtVersion = cluster.roomVersion();
    ticket.state = Ticket.State.PARKED;
    parked.add(ticket);
    String reason = cluster.refusal(ticket.instance);
    if (!reason.equals(ticket.refusal)) {
      ticket.refusal = reason;
      sink.refused(ticket.instance, reason);
    }
  }

  private void requeueDue(long nowNanos) {
    for (Ticket first = backingOff.peek();
        first != null && first.retryAtNanos <= nowNanos;
        first = backingOff.peek()) {
      backingOff.remove();
      enqueue(first);
    }
    if (!parked.isEmpty()
        && parkedAtVersion != cluster.roomVersion()
        && reconsiderAtNanos <= nowNanos) {
      var again = List.copyOf(parked);
      parked.clear();
      again.forEach(this::enqueue);
    }
  }

  /**
   * Back into the queue, in the place of its age. The limit is for newcomers: who was let in keeps
   * its place.
   */
  private void enqueue(Ticket ticket) {
    ticket.state = Ticket.State.QUEUED;
    queue.restore(ticket);
  }

  private void forget(String uid) {
    remove(uid);
    cluster.release(uid);
  }

  /** Candidates that are being asked. */
  private static final class Poll {
    final Ticket ticket;
    final NodeState[] candidates;

    Poll(Ticket ticket, NodeState[] candidates) {
      this.ticket = ticket;
      this.candidates = candidates;
    }
  }
}
