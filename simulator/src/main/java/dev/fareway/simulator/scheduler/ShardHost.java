package dev.fareway.simulator.scheduler;

import dev.fareway.scheduler.core.Cluster;
import dev.fareway.scheduler.core.Instance;
import dev.fareway.scheduler.core.Load;
import dev.fareway.scheduler.core.NodeTraits;
import dev.fareway.scheduler.core.PlacementSink;
import dev.fareway.scheduler.core.PricedClass;
import dev.fareway.scheduler.core.Refusal;
import dev.fareway.scheduler.core.Room;
import dev.fareway.scheduler.core.Shard;
import dev.fareway.scheduler.core.ShardOptions;
import dev.fareway.scheduler.core.Victim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One shard with its view of the machines, and the simulated replica that hosts it. */
final class ShardHost implements PlacementSink {
  private static final Room PLENTY = new Room(1L << 40, 1L << 60, 1L << 40);

  private record Decision(String uid, String node) {}

  /** A poll; used again when it is answered. */
  private static final class Asked {
    final int[] machines;
    final @Nullable Load[] answers;
    long pollId;
    int count;

    Asked(int k) {
      this.machines = new int[k];
      this.answers = new Load[k];
    }
  }

  private final FarewayScheduler scheduler;
  private final int index;
  private final Cluster cluster = new Cluster();
  private final Shard shard;

  /** By machine: instances sent there that its dispatcher has not yet counted. */
  private final @Nullable List<String>[] sent;

  private final int k;

  /** Polls that are on their way. */
  private final Map<Long, Asked> asked = new HashMap<>();

  /** Polls that are to be sent. */
  private final List<Asked> openPolls = new ArrayList<>();

  private final List<Asked> answeredPolls = new ArrayList<>();
  private final List<Decision> decisions = new ArrayList<>();
  private int pollsOut;
  private long nextExpiryNanos;

  /** A decision is being made. */
  boolean busy;

  @SuppressWarnings({"unchecked", "rawtypes"})
  ShardHost(
      FarewayScheduler scheduler,
      int index,
      FarewayOptions options,
      String[] nodeNames,
      String[] classNames,
      RandomGenerator random) {
    this.scheduler = scheduler;
    this.index = index;
    this.k = options.k();
    this.sent = new List[nodeNames.length];
    ShardOptions defaults = ShardOptions.DEFAULTS;
    this.shard =
        new Shard(
            new ShardOptions(
                options.discipline(),
                Integer.MAX_VALUE,
                options.k(),
                defaults.entryTtlNanos(),
                defaults.firstRetryNanos(),
                defaults.maxRetryNanos(),
                false,
                defaults.nominationNanos(),
                defaults.reconsiderNanos()),
            cluster,
            random);
    var classes = new ArrayList<PricedClass>();
    for (int rank = 0; rank < classNames.length; rank++) {
      classes.add(new PricedClass(classNames[rank], options.pricesNanoUnits().get(rank)));
    }
    shard.classes(classes);
    for (String name : nodeNames) {
      cluster.putNode(name, NodeTraits.PLAIN, PLENTY);
      cluster.reachable(name, true);
    }
  }

  void add(Instance instance) {
    Shard.Added added = shard.add(instance);
    if (added != Shard.Added.QUEUED) {
      throw new IllegalStateException("the shard said %s to %s".formatted(added, instance));
    }
  }

  /** An instance has ended. */
  void release(String uid) {
    cluster.release(uid);
  }

  int queued() {
    return shard.waiting() - pollsOut;
  }

  /** Decides about all that wait. */
  void decideAll() {
    while (queued() > 0) {
      decideOne();
    }
  }

  /** Decides about the next one. */
  void decideOne() {
    expire();
    shard.place(scheduler.nowNanos(), pollsOut + 1, this);
    // Only now: a shard is not told anything while it places.
    carryOut();
    for (int i = 0; i < openPolls.size(); i++) {
      Asked poll = openPolls.get(i);
      if (scheduler.atOnce()) {
        readLoads(poll);
        answered(poll);
      } else {
        asked.put(poll.pollId, poll);
        scheduler.ask(index, poll.pollId);
      }
    }
    openPolls.clear();
  }

  /** A poll has reached the machines: their loads are as they are now. */
  void readLoads(long pollId) {
    Asked poll = asked.get(pollId);
    if (poll != null) {
      readLoads(poll);
    }
  }

  /** The answers of a poll are back. */
  void answered(long pollId) {
    Asked poll = asked.remove(pollId);
    if (poll != null) {
      answered(poll);
    }
  }

  private void readLoads(Asked poll) {
    for (int i = 0; i < poll.count; i++) {
      poll.answers[i] = scheduler.load(poll.machines[i], newlyCounted(poll.machines[i]));
    }
  }

  private void answered(Asked poll) {
    for (int i = 0; i < poll.count; i++) {
      Load load = poll.answers[i];
      if (load != null) {
        cluster.heard(scheduler.nodeName(poll.machines[i]), load);
        poll.answers[i] = null;
      }
    }
    pollsOut--;
    shard.answered(poll.pollId, this);
    answeredPolls.add(poll);
    carryOut();
  }

  void join(int machine) {
    shard.join(
        scheduler.nodeName(machine),
        scheduler.load(machine, newlyCounted(machine)),
        scheduler.nowNanos());
  }

  void leave(int machine) {
    shard.leave(scheduler.nodeName(machine));
  }

  int idleListLength() {
    return shard.idleListLength();
  }

  @Override
  public void bind(Instance instance, String node, How how) {
    decisions.add(new Decision(instance.uid(), node));
  }

  @Override
  public void poll(long pollId, Instance instance, List<String> nodes) {
    Asked poll = answeredPolls.isEmpty() ? new Asked(k) : answeredPolls.removeLast();
    poll.pollId = pollId;
    poll.count = nodes.size();
    for (int i = 0; i < poll.count; i++) {
      poll.machines[i] = machine(nodes.get(i));
    }
    openPolls.add(poll);
    pollsOut++;
  }

  @Override
  public void preempt(Instance instance, String node, List<Victim> victims) {
    throw new IllegalStateException("every machine has room, but evict for " + instance);
  }

  @Override
  public void refused(Instance instance, Refusal refusal) {
    throw new IllegalStateException("every machine has room, but: " + refusal.message());
  }

  /** The row of a function, from its UID. */
  static int row(String uid) {
    return Integer.parseInt(uid, uid.indexOf('/') + 1, uid.length(), 10);
  }

  private void carryOut() {
    for (int i = 0; i < decisions.size(); i++) {
      String uid = decisions.get(i).uid;
      String node = decisions.get(i).node;
      int machine = machine(node);
      List<String> list = sent[machine];
      if (list == null) {
        list = new ArrayList<>(4);
        sent[machine] = list;
      }
      list.add(uid);
      shard.remove(uid);
      scheduler.send(row(uid), machine);
    }
    decisions.clear();
  }

  private static int machine(String node) {
    return Integer.parseInt(node, "node-".length(), node.length(), 10);
  }

  private List<String> newlyCounted(int machine) {
    List<String> list = sent[machine];
    return list == null || list.isEmpty() ? List.of() : scheduler.arrivedOf(list, machine);
  }

  private void expire() {
    if (scheduler.nowNanos() >= nextExpiryNanos) {
      shard.expire(scheduler.nowNanos());
      nextExpiryNanos = scheduler.nowNanos() + 1_000_000_000L;
    }
  }
}
