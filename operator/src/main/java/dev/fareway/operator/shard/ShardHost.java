package dev.fareway.operator.shard;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.operator.OperatorConfig;
import dev.fareway.scheduler.core.Cluster;
import dev.fareway.scheduler.core.Instance;
import dev.fareway.scheduler.core.Load;
import dev.fareway.scheduler.core.PlacementSink;
import dev.fareway.scheduler.core.PricedClass;
import dev.fareway.scheduler.core.Refusal;
import dev.fareway.scheduler.core.Shard;
import dev.fareway.scheduler.core.ShardAssignment;
import dev.fareway.scheduler.core.ShardOptions;
import dev.fareway.scheduler.kubernetes.NodeReader;
import dev.fareway.scheduler.kubernetes.PodReader;
import dev.fareway.scheduler.kubernetes.PriceClassChoice;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Hosts the shards of this replica.
 *
 * <p>One thread, {@code placement}, owns the cluster's state and all shards: everything that
 * happens is a task in its queue, and between tasks it places. So the core needs no locks. What
 * waits for the network (bindings, polls, conditions) is started there and never waited for. The
 * queue is bounded: who brings news faster than it is taken in (a watch, a stream) waits, which is
 * what slows the sender down.
 */
@ApplicationScoped
public class ShardHost {
  private static final Logger LOG = Logger.getLogger(ShardHost.class);
  private static final int TASK_LIMIT = 100_000;
  private static final int TASKS_PER_ROUND = 1_000;
  private static final long HOUSEKEEPING_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int RECONSIDER_HOUSEKEEPINGS = 5;
  private static final Counts NONE = new Counts(0, 0, 0);

  /**
   * How many of a class there are.
   *
   * @param functions distinct functions
   * @param instances instances on a node
   * @param queued instances that wait
   */
  public record Counts(int functions, int instances, int queued) {}

  /** A pod of ours, by what is needed of it. */
  private record Ours(
      String namespace,
      String name,
      String function,
      String priceClass,
      int shard,
      boolean bound) {}

  private final OperatorConfig config;
  private final KubernetesClient client;
  private final Clock clock;
  private final LoadPoller sessions;
  private final PlacementMetrics metrics;
  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>(TASK_LIMIT);
  private final Cluster cluster = new Cluster();
  private final List<Shard> shards = new ArrayList<>();
  private final Map<String, PriceClass> priceClasses = new HashMap<>();
  private List<PricedClass> priced = List.of();
  private Optional<String> defaultClass = Optional.empty();
  private final Map<String, ObjectMeta> namespaces = new HashMap<>();
  private final Map<String, Ours> ours = new HashMap<>();

  /** Waiting pods whose class there isn't: looked at again when classes or namespaces change. */
  private final Map<String, Pod> unclassed = new HashMap<>();

  private final Map<String, String> said = new HashMap<>();
  private final Map<Long, OpenPoll> polls = new HashMap<>();
  private final PlacementSink[] sinks;
  private @Nullable Binder binder;
  private @Nullable PodReporter reporter;
  private @Nullable Thread thread;
  private volatile @Nullable ClusterWatch watch;
  private long nextPollId;
  private long lastHousekeepingNanos;
  private int bindingsInFlight;
  private int housekeepings;
  private volatile boolean running;
  private volatile Map<String, Counts> counts = Map.of();
  private volatile int[] idleListLengths = {};

  ShardHost(
      OperatorConfig config,
      KubernetesClient client,
      Clock clock,
      LoadPoller sessions,
      PlacementMetrics metrics) {
    this.config = config;
    this.client = client;
    this.clock = clock;
    this.sessions = sessions;
    this.metrics = metrics;
    this.sinks = new PlacementSink[config.shards()];
  }

  /** Starts placing. */
  public void start() {
    var options =
        new ShardOptions(
            config.queue().discipline(),
            config.queue().limit(),
            config.poll().k(),
            config.dispatcher().entryTtl().toNanos(),
            ShardOptions.DEFAULTS.firstRetryNanos(),
            ShardOptions.DEFAULTS.maxRetryNanos(),
            ShardOptions.DEFAULTS.reconsiderNanos());
    var random = new SplittableRandom();
    for (int i = 0; i < config.shards(); i++) {
      shards.add(new Shard(options, cluster, random.split()));
      sinks[i] = new Sink(i);
    }
    idleListLengths = new int[config.shards()];
    binder = new Binder(client, config.bind().timeout());
    reporter = new PodReporter(client, clock, replica());
    running = true;
    thread = Thread.ofPlatform().name("placement").start(this::run);
    var started = new ClusterWatch(client, this);
    watch = started;
    started.start();
    LOG.infof(
        "Placing pods of scheduler %s over %d shards", Fareway.SCHEDULER_NAME, config.shards());
  }

  /** Stops placing, after the bindings under way have ended or a bound has passed. */
  public void stop() throws InterruptedException {
    ClusterWatch current = watch;
    if (current != null) {
      current.close();
    }
    running = false;
    if (thread != null) {
      thread.join(config.bind().timeout());
    }
    if (reporter != null) {
      reporter.close();
    }
  }

  /** Whether the shards know the cluster and place. */
  public boolean isReady() {
    ClusterWatch current = watch;
    return running && current != null && current.isSynced();
  }

  /** Name of this replica. */
  public String replica() {
    return config
        .replica()
        .or(() -> Optional.ofNullable(System.getenv("HOSTNAME")))
        .orElse("fareway-operator");
  }

  /** Number of shards. */
  public int shardCount() {
    return config.shards();
  }

  /** Length of a shard's idle list, a moment ago. */
  public int idleListLength(int shard) {
    int[] lengths = idleListLengths;
    return shard < lengths.length ? lengths[shard] : 0;
  }

  /** How many of a class there are, a moment ago. */
  public Counts counts(String priceClass) {
    return counts.getOrDefault(priceClass, NONE);
  }

  // --- what happens: called on any thread
  // ------------------------------------------------------------

  void podChanged(Pod pod) {
    enqueue(() -> onPod(pod));
  }

  void podDeleted(String uid) {
    enqueue(() -> onPodGone(uid));
  }

  void nodeChanged(Node node) {
    enqueue(
        () ->
            cluster.putNode(
                node.getMetadata().getName(),
                NodeReader.traits(node),
                NodeReader.allocatable(node)));
  }

  void nodeDeleted(String name) {
    enqueue(() -> cluster.removeNode(name));
  }

  void namespaceChanged(Namespace namespace) {
    enqueue(
        () -> {
          namespaces.put(namespace.getMetadata().getName(), namespace.getMetadata());
          reconsiderUnclassed();
        });
  }

  void namespaceDeleted(String name) {
    enqueue(() -> namespaces.remove(name));
  }

  void priceClassChanged(PriceClass priceClass) {
    enqueue(
        () -> {
          PriceClass before = priceClasses.put(priceClass.getMetadata().getName(), priceClass);
          // Its status changes every few seconds, and is of no interest here.
          if (before == null || !before.getSpec().equals(priceClass.getSpec())) {
            onPriceClasses();
          }
        });
  }

  void priceClassDeleted(String name) {
    enqueue(
        () -> {
          priceClasses.remove(name);
          onPriceClasses();
        });
  }

  /** A dispatcher's session has begun. */
  public void sessionOpened(String node, Load load) {
    enqueue(
        () -> {
          cluster.reachable(node, true);
          cluster.heard(node, load);
        });
  }

  /** A dispatcher's session has ended. */
  public void sessionClosed(String node) {
    enqueue(() -> cluster.reachable(node, false));
  }

  /** A node joins a shard's idle list or renews its entry. */
  public void joined(String node, int shard, Load load) {
    enqueue(() -> shards.get(shard).join(node, load, now()));
  }

  /** A node leaves a shard's idle list. */
  public void left(String node, int shard) {
    enqueue(() -> shards.get(shard).leave(node));
  }

  /** A node has answered a poll. */
  public void pollAnswered(String node, long pollId, Load load) {
    enqueue(
        () -> {
          cluster.heard(node, load);
          OpenPoll poll = polls.get(pollId);
          metrics.poll(poll == null ? "late" : "answered");
          if (poll != null && poll.awaited.remove(node) && poll.awaited.isEmpty()) {
            polls.remove(pollId);
            shards.get(poll.shard).answered(poll.shardPollId, sinks[poll.shard]);
          }
        });
  }

  private void enqueue(Runnable task) {
    try {
      tasks.put(task);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // --- the placement thread
  // ----------------------------------------------------------------------------

  private void run() {
    var batch = new ArrayList<Runnable>(TASKS_PER_ROUND);
    while (running || bindingsInFlight > 0) {
      try {
        Runnable first = tasks.poll(nextWaitNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
          batch.add(first);
          tasks.drainTo(batch, TASKS_PER_ROUND - 1);
        }
        for (Runnable task : batch) {
          runSafely(task);
        }
        batch.clear();
        runSafely(this::timeouts);
        if (isReady()) {
          runSafely(this::place);
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** One bad event must not end the placing of all others. */
  private static void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("A scheduling step failed; going on with the next", e);
    }
  }

  private long nextWaitNanos() {
    long now = now();
    long next = lastHousekeepingNanos + HOUSEKEEPING_NANOS;
    for (OpenPoll poll : polls.values()) {
      next = Math.min(next, poll.deadlineNanos);
    }
    if (bindingsInFlight < config.bind().maxInFlight() && isReady()) {
      for (Shard shard : shards) {
        next = Math.min(next, Math.max(now, shard.nextDueNanos()));
      }
    }
    return Math.max(0, next - now);
  }

  private void place() {
    long now = now();
    for (int i = 0; i < shards.size(); i++) {
      int permits = config.bind().maxInFlight() - bindingsInFlight;
      if (permits > 0) {
        shards.get(i).place(now, permits, sinks[i]);
      }
    }
  }

  private void timeouts() {
    long now = now();
    if (!polls.isEmpty()) {
      for (var open : List.copyOf(polls.entrySet())) {
        OpenPoll poll = open.getValue();
        if (poll.deadlineNanos <= now) {
          polls.remove(open.getKey());
          poll.awaited.forEach(_ -> metrics.poll("silent"));
          shards.get(poll.shard).answered(poll.shardPollId, sinks[poll.shard]);
        }
      }
    }
    if (now - lastHousekeepingNanos >= HOUSEKEEPING_NANOS) {
      lastHousekeepingNanos = now;
      housekeep(now);
    }
  }

  private void housekeep(long now) {
    int[] lengths = new int[shards.size()];
    for (int i = 0; i < lengths.length; i++) {
      shards.get(i).expire(now);
      lengths[i] = shards.get(i).idleListLength();
      metrics.idleList(i, lengths[i]);
    }
    idleListLengths = lengths;
    if (!unclassed.isEmpty() && ++housekeepings % RECONSIDER_HOUSEKEEPINGS == 0) {
      reconsiderUnclassed();
    }
    var functions = new HashMap<String, Set<String>>();
    var bound = new HashMap<String, Integer>();
    var queued = new HashMap<String, Integer>();
    for (Ours pod : ours.values()) {
      functions
          .computeIfAbsent(pod.priceClass, _ -> new HashSet<>())
          .add(pod.namespace + "/" + pod.function);
      (pod.bound ? bound : queued).merge(pod.priceClass, 1, Integer::sum);
    }
    var snapshot = new HashMap<String, Counts>();
    for (String priceClass : priceClasses.keySet()) {
      var count =
          new Counts(
              functions.getOrDefault(priceClass, Set.of()).size(),
              bound.getOrDefault(priceClass, 0),
              queued.getOrDefault(priceClass, 0));
      snapshot.put(priceClass, count);
      metrics.queue(priceClass, count.queued());
    }
    counts = Map.copyOf(snapshot);
  }

  private void onPod(Pod pod) {
    String uid = pod.getMetadata().getUid();
    if (PodReader.hasEnded(pod)) {
      onPodGone(uid);
      return;
    }
    String node = pod.getSpec().getNodeName();
    if (node != null && !node.isEmpty()) {
      boolean function = Fareway.SCHEDULER_NAME.equals(pod.getSpec().getSchedulerName());
      cluster.occupy(uid, node, PodReader.needs(pod), function);
      forgetWaiting(uid);
      if (function && choice(pod) instanceof PriceClassChoice.Chosen(String priceClass)) {
        ours.put(uid, ours(pod, priceClass, true));
      }
    } else if (PodReader.waitsFor(Fareway.SCHEDULER_NAME, pod)) {
      onWaitingPod(pod);
    } else {
      onPodGone(uid);
    }
  }

  private void onWaitingPod(Pod pod) {
    String uid = pod.getMetadata().getUid();
    switch (choice(pod)) {
      case PriceClassChoice.Chosen(String priceClass) -> {
        unclassed.remove(uid);
        Ours before = ours.get(uid);
        if (before != null && !before.priceClass.equals(priceClass)) {
          forgetWaiting(uid);
          cluster.release(uid);
        }
        ours.put(uid, ours(pod, priceClass, false));
        Instance instance = PodReader.instance(pod, priceClass, clock.instant());
        switch (shards.get(shardOf(uid)).add(instance)) {
          case QUEUED, KNOWN -> {}
          case FULL -> {
            ours.remove(uid);
            unclassed.put(uid, pod);
            say(
                pod,
                "QueueFull",
                "The queue of its shard is full. The pod is taken up when others have been placed.");
          }
          case UNKNOWN_CLASS -> unclassed.put(uid, pod);
        }
      }
      case PriceClassChoice.Unknown(String message) -> {
        shards.get(shardOf(uid)).remove(uid);
        cluster.release(uid);
        ours.remove(uid);
        unclassed.put(uid, pod);
        say(pod, "UnknownPriceClass", message);
      }
    }
  }

  private void onPodGone(String uid) {
    forgetWaiting(uid);
    ours.remove(uid);
    cluster.release(uid);
  }

  private void forgetWaiting(String uid) {
    unclassed.remove(uid);
    said.remove(uid);
    shards.get(shardOf(uid)).remove(uid);
  }

  private void onPriceClasses() {
    readPriceClasses();
    ClusterWatch current = watch;
    for (Shard shard : shards) {
      for (Instance orphan : shard.classes(priced)) {
        Ours pod = ours.remove(orphan.uid());
        if (pod != null && current != null) {
          current.pod(pod.namespace, pod.name).ifPresent(this::onPod);
        }
      }
    }
    reconsiderUnclassed();
  }

  private void reconsiderUnclassed() {
    for (Pod pod : List.copyOf(unclassed.values())) {
      onWaitingPod(pod);
    }
  }

  private PriceClassChoice choice(Pod pod) {
    return PriceClassChoice.of(
        pod.getMetadata(), namespaces.get(pod.getMetadata().getNamespace()), priced, defaultClass);
  }

  /**
   * Reads the classes whose price is one (others have a condition that says so), and the default
   * among them.
   */
  private void readPriceClasses() {
    var read = new ArrayList<PricedClass>();
    for (PriceClass priceClass : priceClasses.values()) {
      try {
        read.add(
            new PricedClass(
                priceClass.getMetadata().getName(),
                priceClass.getSpec().price().nanoUnitsPerCpuSecond()));
      } catch (IllegalArgumentException e) {
        LOG.debugf(
            "PriceClass %s has no price: %s", priceClass.getMetadata().getName(), e.getMessage());
      }
    }
    priced = List.copyOf(read);
    defaultClass =
        priceClasses.values().stream()
            .filter(priceClass -> priceClass.getSpec().isDefault())
            .min(
                Comparator.comparing(
                    (PriceClass priceClass) -> priceClass.getMetadata().getCreationTimestamp()))
            .map(priceClass -> priceClass.getMetadata().getName());
  }

  private void say(Pod pod, String reason, String message) {
    say(
        pod.getMetadata().getNamespace(),
        pod.getMetadata().getName(),
        pod.getMetadata().getUid(),
        reason,
        message);
  }

  private void say(String namespace, String name, String uid, String reason, String message) {
    if (!message.equals(said.put(uid, message)) && reporter != null) {
      reporter.waits(namespace, name, uid, reason, message);
    }
  }

  private Ours ours(Pod pod, String priceClass, boolean bound) {
    return new Ours(
        pod.getMetadata().getNamespace(),
        pod.getMetadata().getName(),
        PodReader.functionOf(pod),
        priceClass,
        shardOf(pod.getMetadata().getUid()),
        bound);
  }

  private int shardOf(String uid) {
    return ShardAssignment.shardOf(uid, shards.size());
  }

  private long now() {
    Instant now = clock.instant();
    return PodReader.nanos(now);
  }

  private void onBound(int shard, Instance instance, Binder.Outcome outcome, long startedNanos) {
    bindingsInFlight--;
    metrics.bound(outcome, now() - startedNanos);
    switch (outcome) {
      // The watch shows the pod on its node; until then it stays charged.
      case BOUND -> metrics.waited(instance.priceClass(), now() - instance.createdNanos());
      case REFUSED -> shards.get(shard).bindRefused(instance.uid());
      case FAILED -> shards.get(shard).bindFailed(instance.uid(), now());
    }
  }

  /** Candidates of a poll that have not answered yet. */
  private static final class OpenPoll {
    final int shard;
    final long shardPollId;
    final long deadlineNanos;
    final Set<String> awaited;

    OpenPoll(int shard, long shardPollId, long deadlineNanos, Set<String> awaited) {
      this.shard = shard;
      this.shardPollId = shardPollId;
      this.deadlineNanos = deadlineNanos;
      this.awaited = awaited;
    }
  }

  /** Carries out the decisions of one shard. On the placement thread. */
  private final class Sink implements PlacementSink {
    private final int shard;

    Sink(int shard) {
      this.shard = shard;
    }

    @Override
    public void bind(Instance instance, String node, How how) {
      Ours pod = ours.get(instance.uid());
      if (pod == null || binder == null) {
        shards.get(shard).bindRefused(instance.uid());
        return;
      }
      metrics.placed(instance.priceClass(), how);
      LOG.debugf(
          "%s/%s of class %s goes to %s (%s)", pod.namespace, pod.name, pod.priceClass, node, how);
      bindingsInFlight++;
      long started = now();
      var _ =
          binder
              .bind(pod.namespace, pod.name, instance.uid(), node)
              .whenComplete(
                  (outcome, failure) ->
                      enqueue(
                          () ->
                              onBound(
                                  shard,
                                  instance,
                                  failure == null ? outcome : Binder.Outcome.FAILED,
                                  started)));
    }

    @Override
    public void poll(long pollId, Instance instance, List<String> nodes) {
      long id = nextPollId++;
      var awaited = new HashSet<String>();
      for (String node : nodes) {
        if (sessions.poll(node, id)) {
          awaited.add(node);
        } else {
          metrics.poll("unreachable");
        }
      }
      // With nobody to wait for the deadline is now: the answer must not come before this call has
      // ended.
      long deadline = awaited.isEmpty() ? now() : now() + config.poll().deadline().toNanos();
      polls.put(id, new OpenPoll(shard, pollId, deadline, awaited));
    }

    @Override
    public void refused(Instance instance, Refusal refusal) {
      Ours pod = ours.get(instance.uid());
      if (pod != null) {
        say(pod.namespace, pod.name, instance.uid(), "FailedScheduling", refusal.message());
      }
    }
  }
}
