package dev.fareway.scheduler.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One shard of the global scheduler (the paper, section 3.2): a price queue, an idle list, and the
 * rule by which the next instance gets its node. A state machine: the host tells it what happened
 * and asks it to place.
 *
 * <p>An instance is in one of six states: queued, polling (its candidates are being asked), placed
 * (the node is charged), backing off after a failed binding, parked because no node will do,
 * nominated to a node that others are to leave for it. From each it can be removed. Placing one
 * does not wait for the polls or bindings of another. Not thread-safe: see {@link Cluster}.
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

  /** How many may wait for others to leave: evictions are under way for no more. */
  private static final int MAX_NOMINATED = 32;

  private final ShardOptions options;
  private final Cluster cluster;
  private final RandomGenerator random;
  private final PriceTable prices = new PriceTable();
  private final PriceQueue<Ticket> queue;
  private final IdleList idleList = new IdleList();
  private final PowerOfK powerOfK;
  private final OpenPolls polls;
  private final Map<String, Ticket> tickets = new HashMap<>();
  private final Preemption preemption;

  /** Those that wait for others to leave, oldest first. */
  private final List<Ticket> nominated = new ArrayList<>();

  /** Those whose wait for others was in vain, until the host is told. */
  private final List<Promise> endedPromises = new ArrayList<>();

  private record Promise(Ticket ticket, String node) {}

  private final PriorityQueue<Ticket> backingOff =
      new PriorityQueue<>(
          Comparator.comparingLong((Ticket ticket) -> ticket.retryAtNanos)
              .thenComparingLong(ticket -> ticket.arrival));

  /** Those that fit nowhere, by shape: of one shape only as many try as there is room for. */
  private final Map<Shape, PriceQueue<Ticket>> parked = new LinkedHashMap<>();

  private final @Nullable NodeState[] candidates;
  private long nextArrival;
  private int polling;
  private int parkedCount;

  /** When it is looked next for cheaper instances to evict. */
  private long preemptAtNanos = Long.MIN_VALUE;

  private long seenOpenings;

  /** The time of the last {@link #place}: orders those that are woken in between. */
  private long wokenAtNanos;

  /** Whether the last {@link #place} ended because too many polls were open. */
  private boolean awaitsPolls;

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
    this.queue = new PriceQueue<>(options.discipline(), prices);
    this.powerOfK = new PowerOfK(options.k(), random);
    this.preemption = new Preemption(random);
    this.polls = new OpenPolls(options.k());
    this.candidates = new NodeState[options.k()];
  }

  /**
   * Says which price classes there are now.
   *
   * @return the instances that waited in a class that is gone; the shard has forgotten them
   */
  public List<Instance> classes(Collection<PricedClass> classes) {
    prices.set(classes);
    var orphans = new ArrayList<Instance>();
    for (Ticket ticket : tickets.values()) {
      if (ticket.state != Ticket.State.PLACED && !prices.knows(ticket.lane)) {
        orphans.add(ticket.instance);
      }
    }
    for (Instance orphan : orphans) {
      remove(orphan.uid());
      cluster.release(orphan.uid());
    }
    return orphans;
  }

  /** Takes an instance that waits for a node. */
  public Added add(Instance instance) {
    if (tickets.containsKey(instance.uid())) {
      return Added.KNOWN;
    }
    if (!prices.knows(instance.priceClass())) {
      return Added.UNKNOWN_CLASS;
    }
    if (waiting() >= options.queueLimit()) {
      return Added.FULL;
    }
    int lane = prices.lane(instance.priceClass());
    Shape shape = cluster.shape(instance);
    Occupant occupant = cluster.expect(instance.uid(), shape, prices.price(lane));
    var ticket = new Ticket(instance, nextArrival++, lane, shape, occupant);
    shape.waiting++;
    queue.add(ticket);
    tickets.put(instance.uid(), ticket);
    return Added.QUEUED;
  }

  /**
   * The instance no longer waits here: it is bound or gone. What it takes of a node is {@link
   * Cluster}'s to know.
   */
  public void remove(String uid) {
    Ticket ticket = tickets.remove(uid);
    if (ticket == null) {
      return;
    }
    switch (ticket.state) {
      case QUEUED -> queue.remove(ticket);
      case BACKING_OFF -> backingOff.remove(ticket);
      case PARKED -> unpark(ticket);
      case POLLING -> polling--;
      case NOMINATED -> nominated.remove(ticket);
      case PLACED, GONE -> {}
    }
    if (ticket.state != Ticket.State.PLACED && ticket.state != Ticket.State.NOMINATED) {
      cluster.noLongerWaits(ticket.shape);
    }
    ticket.state = Ticket.State.GONE;
  }

  /**
   * The host gives this shard up: it forgets its instances, empties its idle list and takes back
   * what it has charged for bindings that are not confirmed. It is not to be used any more.
   */
  public void close() {
    for (Ticket ticket : List.copyOf(tickets.values())) {
      remove(ticket.instance.uid());
      cluster.withdraw(ticket.occupant);
    }
    idleList.clear();
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

  /** How many nodes were looked at so far to find one: a decision looks at few, however many. */
  public long looks() {
    return idleList.looks() + powerOfK.looks();
  }

  /** How many nodes are on the idle list. */
  public int idleListLength() {
    return idleList.size();
  }

  /** Some of the nodes on the idle list, the best first: to be shown to people. */
  public List<IdleNode> idleNodes(int most) {
    return idleList.some(most);
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
    return queue.size(prices.lane(priceClass));
  }

  /** How many instances wait: queued, polling, backing off, parked or nominated. */
  public int waiting() {
    return queue.size() + polling + backingOff.size() + parkedCount + nominated.size();
  }

  /**
   * When {@link #place} has something to do next though nothing is told: a time, or Long.MAX_VALUE.
   */
  public long nextDueNanos() {
    if ((queue.size() > 0 && !awaitsPolls)
        || (parkedCount > 0 && seenOpenings != cluster.openings())) {
      return Long.MIN_VALUE;
    }
    Ticket first = backingOff.peek();
    long due = first == null ? Long.MAX_VALUE : first.retryAtNanos;
    for (Ticket ticket : nominated) {
      due = Math.min(due, ticket.nominatedUntilNanos);
    }
    return options.preemption() && parkedCount > 0 ? Math.min(due, preemptAtNanos) : due;
  }

  /**
   * Decides about the next instances.
   *
   * @param max how many may be under way at most: those decided here, and those whose candidates
   *     are being asked
   * @return about how many it decided: fewer than {@code max} when none is left
   */
  public int place(long nowNanos, int max, PlacementSink sink) {
    requeueDue(nowNanos);
    int bound = bindNominated(nowNanos, max, sink);
    tellEndedPromises(sink);
    awaitsPolls = false;
    for (int decided = 0; decided < max; decided++) {
      if (bound + polling >= max) {
        awaitsPolls = true;
        return decided;
      }
      Ticket ticket = queue.poll(nowNanos);
      if (ticket == null) {
        preempt(nowNanos, sink);
        return decided;
      }
      place(ticket, nowNanos, sink);
      if (ticket.state == Ticket.State.PLACED) {
        bound++;
      }
    }
    return max;
  }

  /**
   * The candidates of a poll have answered, or the deadline has passed; loads were told to {@link
   * Cluster#heard}.
   */
  public void answered(long pollId, PlacementSink sink) {
    OpenPolls.Poll poll = polls.find(pollId);
    Ticket ticket = poll == null ? null : poll.ticket;
    if (poll == null || ticket == null) {
      return;
    }
    awaitsPolls = false;
    if (ticket.state != Ticket.State.POLLING || ticket.pollId != pollId) {
      polls.close(poll);
      return;
    }
    Eligibility eligibility = cluster.refreshed(ticket.shape.eligibility);
    NodeState node =
        PowerOfK.leastLoaded(eligibility, ticket.shape.needs, poll.candidates, poll.count);
    polls.close(poll);
    polling--;
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
    long wait = options.firstRetryNanos();
    for (int i = 0; i < ticket.attempts && wait < options.maxRetryNanos(); i++) {
      wait = Math.min(2 * wait, options.maxRetryNanos());
    }
    ticket.attempts++;
    ticket.shape.waiting++;
    ticket.state = Ticket.State.BACKING_OFF;
    // Half of it fixed, half drawn: retries of one burst spread out.
    ticket.retryAtNanos = nowNanos + wait / 2 + random.nextLong(wait / 2 + 1);
    backingOff.add(ticket);
    cluster.withdraw(ticket.occupant);
  }

  /**
   * A victim could not be evicted: it is left alone until then, and who wanted its room looks
   * elsewhere.
   */
  public void stayed(String victimUid, long untilNanos) {
    NodeState node = cluster.nodeOf(victimUid);
    cluster.stays(victimUid, untilNanos);
    for (Ticket ticket : List.copyOf(nominated)) {
      if (ticket.occupant.node == node) {
        denominate(ticket);
      }
    }
  }

  /**
   * The binding was refused for good (the pod is gone, or bound by someone else): the decision is
   * taken back.
   */
  public void bindRefused(String uid) {
    Ticket ticket = tickets.get(uid);
    if (ticket != null) {
      remove(uid);
      cluster.withdraw(ticket.occupant);
    }
  }

  /**
   * For benchmarks, which must not allocate what they measure: a placed instance ends on its node
   * and arrives again, as a new one.
   */
  void again(Ticket ticket, long nowNanos) {
    cluster.withdraw(ticket.occupant);
    ticket.createdNanos = nowNanos;
    ticket.shape.waiting++;
    enqueue(ticket);
  }

  /** What an oracle looks at: every ticket, in no order. */
  Collection<Ticket> tickets() {
    return tickets.values();
  }

  @Nullable Ticket next(long nowNanos) {
    return queue.peek(nowNanos);
  }

  boolean goesBefore(Ticket a, Ticket b, long nowNanos) {
    return queue.goesBefore(a, b, nowNanos);
  }

  /** Whether every queue, bucket and count agrees with the others. */
  boolean isSound() {
    var inState = new EnumMap<Ticket.State, Integer>(Ticket.State.class);
    for (Ticket ticket : tickets.values()) {
      inState.merge(ticket.state, 1, Integer::sum);
    }
    int parkedInQueues = 0;
    for (var alike : parked.entrySet()) {
      if (!alike.getValue().isSound() || alike.getValue().size() == 0) {
        return false;
      }
      parkedInQueues += alike.getValue().size();
    }
    return queue.isSound()
        && idleList.isSound()
        && queue.size() == inState.getOrDefault(Ticket.State.QUEUED, 0)
        && polling == inState.getOrDefault(Ticket.State.POLLING, 0)
        && polling <= polls.size()
        && backingOff.size() == inState.getOrDefault(Ticket.State.BACKING_OFF, 0)
        && parkedCount == inState.getOrDefault(Ticket.State.PARKED, 0)
        && parkedCount == parkedInQueues
        && nominated.size() == inState.getOrDefault(Ticket.State.NOMINATED, 0)
        && inState.getOrDefault(Ticket.State.GONE, 0) == 0;
  }

  private void place(Ticket ticket, long nowNanos, PlacementSink sink) {
    sink.considers(ticket.instance);
    Shape shape = ticket.shape;
    Eligibility eligibility = cluster.refreshed(shape.eligibility);
    if (shape.isExhausted()) {
      NodeState freed = shape.bestFreed();
      if (freed == null) {
        park(ticket, nowNanos, sink);
      } else {
        settle(ticket, freed, PlacementSink.How.FREED, sink);
      }
      return;
    }
    NodeState idle = idleList.choose(eligibility, shape.needs, nowNanos);
    if (idle != null) {
      settle(ticket, idle, PlacementSink.How.IDLE_LIST, sink);
      return;
    }
    int found = powerOfK.sample(eligibility, shape.needs);
    if (found == 0) {
      cluster.exhaust(shape);
      park(ticket, nowNanos, sink);
    } else if (found > 1 && powerOfK.someReachable()) {
      powerOfK.found(eligibility, candidates);
      OpenPolls.Poll poll = polls.open(ticket, candidates, found);
      polling++;
      ticket.state = Ticket.State.POLLING;
      // There is room for more than one: let the next of its kind try as well.
      wakeOne(shape);
      sink.poll(poll.id, ticket.instance, poll.names());
    } else {
      settle(ticket, powerOfK.leastLoadedFound(eligibility), PlacementSink.How.UNASKED, sink);
    }
  }

  private void settle(Ticket ticket, NodeState node, PlacementSink.How how, PlacementSink sink) {
    cluster.charge(ticket.occupant, node, ticket.memoryEstimateBytes);
    ticket.state = Ticket.State.PLACED;
    ticket.refusal = "";
    wakeOne(ticket.shape);
    cluster.noLongerWaits(ticket.shape);
    sink.bind(ticket.instance, node.name, how);
  }

  private void park(Ticket ticket, long nowNanos, PlacementSink sink) {
    Shape shape = ticket.shape;
    ticket.state = Ticket.State.PARKED;
    PriceQueue<Ticket> alike = parked.get(shape);
    if (alike == null) {
      alike = new PriceQueue<>(options.discipline(), prices);
      parked.put(shape, alike);
    }
    alike.add(ticket);
    parkedCount++;
    Refusal refusal = shape.refusalSince(nowNanos - options.reconsiderNanos());
    if (refusal == null) {
      refusal = cluster.refusal(shape);
      shape.refusal(refusal, nowNanos);
    }
    if (!refusal.message().equals(ticket.refusal)) {
      ticket.refusal = refusal.message();
      sink.refused(ticket.instance, refusal);
    }
  }

  /** Binds those whose node has got the room that it was promised for. */
  private int bindNominated(long nowNanos, int max, PlacementSink sink) {
    int bound = 0;
    for (int i = 0; i < nominated.size(); ) {
      Ticket ticket = nominated.get(i);
      NodeState node = ticket.occupant.node;
      if (node == null
          || ticket.nominatedUntilNanos <= nowNanos
          || !cluster.refreshed(ticket.shape.eligibility).allows(node)) {
        denominate(ticket);
      } else if (bound < max && node.hasRoomForTaken(ticket.shape.needs)) {
        nominated.remove(i);
        ticket.state = Ticket.State.PLACED;
        sink.bind(ticket.instance, node.name, PlacementSink.How.PREEMPTED);
        bound++;
      } else {
        i++;
      }
    }
    return bound;
  }

  /** Looks for cheaper instances to evict, for the first of each kind that fits nowhere. */
  private void preempt(long nowNanos, PlacementSink sink) {
    if (!options.preemption() || parkedCount == 0 || nowNanos < preemptAtNanos) {
      return;
    }
    preemptAtNanos = nowNanos + options.reconsiderNanos();
    for (Shape shape : List.copyOf(parked.keySet())) {
      boolean found = true;
      while (found && nominated.size() < MAX_NOMINATED) {
        PriceQueue<Ticket> alike = parked.get(shape);
        Ticket first = alike == null ? null : alike.peek(nowNanos);
        found = first != null && preemptFor(first, nowNanos, sink);
      }
    }
  }

  private boolean preemptFor(Ticket ticket, long nowNanos, PlacementSink sink) {
    long price = prices.price(ticket.lane);
    if (!cluster.hasCheaper(price)) {
      return false;
    }
    Eligibility eligibility = cluster.refreshed(ticket.shape.eligibility);
    Preemption.Choice choice = preemption.choose(eligibility, ticket.shape.needs, price, nowNanos);
    if (choice == null) {
      return false;
    }
    var victims = new ArrayList<Victim>();
    for (Occupant victim : choice.victims()) {
      victim.leaving = true;
      victims.add(new Victim(victim.uid, victim.priceNanoUnits));
    }
    unpark(ticket);
    ticket.state = Ticket.State.NOMINATED;
    ticket.nominatedUntilNanos = nowNanos + options.nominationNanos();
    ticket.refusal = "";
    nominated.add(ticket);
    cluster.charge(ticket.occupant, choice.node(), ticket.memoryEstimateBytes);
    cluster.noLongerWaits(ticket.shape);
    sink.preempt(ticket.instance, choice.node().name, victims);
    return true;
  }

  private void denominate(Ticket ticket) {
    NodeState node = ticket.occupant.node;
    endedPromises.add(new Promise(ticket, node == null ? "" : node.name));
    nominated.remove(ticket);
    ticket.shape.waiting++;
    enqueue(ticket);
    cluster.withdraw(ticket.occupant);
  }

  private void tellEndedPromises(PlacementSink sink) {
    if (endedPromises.isEmpty()) {
      return;
    }
    for (Promise promise : endedPromises) {
      if (promise.ticket.state != Ticket.State.GONE) {
        sink.promiseEnded(promise.ticket.instance, promise.node);
      }
    }
    endedPromises.clear();
  }

  private void unpark(Ticket ticket) {
    PriceQueue<Ticket> alike = Objects.requireNonNull(parked.get(ticket.shape));
    alike.remove(ticket);
    parkedCount--;
    if (alike.size() == 0) {
      parked.remove(ticket.shape);
    }
  }

  /** Lets the next of those parked try again, if there may be room for it. */
  private void wakeOne(Shape shape) {
    if (parkedCount > 0 && shape.mayFit()) {
      PriceQueue<Ticket> alike = parked.get(shape);
      Ticket next = alike == null ? null : alike.peek(wokenAtNanos);
      if (next != null) {
        unpark(next);
        enqueue(next);
      }
    }
  }

  private void requeueDue(long nowNanos) {
    wokenAtNanos = nowNanos;
    for (Ticket first = backingOff.peek();
        first != null && first.retryAtNanos <= nowNanos;
        first = backingOff.peek()) {
      backingOff.remove();
      enqueue(first);
    }
    if (seenOpenings != cluster.openings()) {
      seenOpenings = cluster.openings();
      if (parkedCount > 0) {
        List.copyOf(parked.keySet()).forEach(this::wakeOne);
      }
    }
  }

  /** Back into the queue, in the place of its age. */
  private void enqueue(Ticket ticket) {
    ticket.state = Ticket.State.QUEUED;
    queue.add(ticket);
  }
}
