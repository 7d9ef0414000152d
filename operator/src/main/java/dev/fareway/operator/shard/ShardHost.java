package dev.fareway.operator.shard;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.operator.OperatorConfig;
import dev.fareway.scheduler.core.Load;
import dev.fareway.scheduler.core.ShardOptions;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Hosts the shards that this replica holds the Leases of.
 *
 * <p>One thread, {@code placement}, owns the {@link Placement}: everything that happens is a task
 * in its queue, and between tasks it places. What waits for the network (bindings, polls,
 * conditions) is started there and never waited for. The queue is bounded: who brings news faster
 * than it is taken in (a watch, a stream) waits, which is what slows the sender down. Another
 * thread, {@code leases}, renews the Leases, so that no backlog can delay that.
 */
@ApplicationScoped
public class ShardHost {
  private static final Logger LOG = Logger.getLogger(ShardHost.class);
  private static final int TASK_LIMIT = 100_000;
  private static final int TASKS_PER_ROUND = 1_000;
  private static final int STOP_SECONDS = 10;
  private static final long VIEW_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final int VIEW_SHARE = 50;

  private final OperatorConfig config;
  private final KubernetesClient client;
  private final Clock clock;
  private final LoadPoller sessions;
  private final PlacementMetrics metrics;
  private final LinkedBlockingQueue<Consumer<Placement>> tasks =
      new LinkedBlockingQueue<>(TASK_LIMIT);
  private final List<Consumer<Map<Integer, Integer>>> shardListeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService leases =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("leases").daemon().factory());
  private final PlacementGuard guard;
  private final VolumeClaims volumes;
  private final List<PodObserver> observers;
  private final List<NodeObserver> nodeObservers;
  private @Nullable LeaseKeeper keeper;
  private @Nullable PodReporter reporter;
  private @Nullable Thread thread;
  private volatile @Nullable ClusterWatch watch;
  private volatile boolean running;
  private volatile boolean ticked;
  private volatile Map<String, ClassCounts.Counts> counts = Map.of();
  private @Nullable KubernetesLeases store;

  /** What was shown last, and until when that is fresh enough; the placement thread's. */
  private @Nullable PlacementView view;

  private long viewUntilNanos;

  /** The shards held here, each with the length of its idle list, a moment ago. */
  private volatile Map<Integer, Integer> held = Map.of();

  /** Names of the price classes that there are. */
  private final Set<String> priceClasses = ConcurrentHashMap.newKeySet();

  /** Shards placed for no more, for which bindings are under way; told by the leases thread. */
  private final Set<Integer> draining = ConcurrentHashMap.newKeySet();

  /** Those among them that the placement thread has released. */
  private final Set<Integer> released = new HashSet<>();

  ShardHost(
      OperatorConfig config,
      KubernetesClient client,
      Clock clock,
      LoadPoller sessions,
      PlacementGuard guard,
      VolumeClaims volumes,
      @All List<PodObserver> observers,
      @All List<NodeObserver> nodeObservers,
      PlacementMetrics metrics) {
    this.guard = guard;
    this.volumes = volumes;
    this.observers = List.copyOf(observers);
    this.nodeObservers = List.copyOf(nodeObservers);
    this.config = config;
    this.client = client;
    this.clock = clock;
    this.sessions = sessions;
    this.metrics = metrics;
  }

  /** Starts placing, for the shards whose Leases this replica gets. */
  public void start() {
    var options =
        new ShardOptions(
            config.queue().discipline(),
            config.queue().limit(),
            config.poll().k(),
            config.dispatcher().entryTtl().toNanos(),
            ShardOptions.DEFAULTS.firstRetryNanos(),
            ShardOptions.DEFAULTS.maxRetryNanos(),
            config.preemption(),
            ShardOptions.DEFAULTS.nominationNanos(),
            ShardOptions.DEFAULTS.reconsiderNanos());
    var leaseStore =
        new KubernetesLeases(
            client,
            clock,
            config.namespace(),
            replica(),
            address(),
            config.leases().duration(),
            config.shards());
    var startedKeeper =
        new LeaseKeeper(
            new LeasePolicy(replica(), config.leases().duration()),
            leaseStore,
            System::nanoTime,
            new Holder());
    keeper = startedKeeper;
    store = leaseStore;
    var startedReporter = new PodReporter(client, clock, replica());
    reporter = startedReporter;
    var placement =
        new Placement(
            new Placement.Options(
                options, config.bind().maxInFlight(), config.poll().deadline().toNanos()),
            config.shards(),
            new Network(new Binder(client, config.bind().timeout()), startedReporter),
            startedKeeper,
            guard,
            volumes::isUsableAnywhere,
            metrics,
            new SplittableRandom());
    running = true;
    thread = Thread.ofPlatform().name("placement").start(() -> run(placement));
    volumes.start();
    var startedWatch = new ClusterWatch(client, this);
    watch = startedWatch;
    startedWatch.start();
    long period = config.leases().duration().toMillis() / 5;
    var _ =
        leases.scheduleWithFixedDelay(
            () -> tick(startedKeeper),
            Math.min(50, period),
            Math.min(50, period),
            TimeUnit.MILLISECONDS);
    LOG.infof(
        "Placing pods of scheduler %s; %d shards in all, as far as Leases are to be had",
        Fareway.SCHEDULER_NAME, config.shards());
  }

  /** Stops placing, after the bindings under way have ended or a bound has passed. */
  public void stop() throws InterruptedException {
    LeaseKeeper current = keeper;
    if (current != null) {
      leases.execute(current::fenceAll);
      leases.shutdown();
      if (!leases.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        leases.shutdownNow();
      }
    }
    ClusterWatch currentWatch = watch;
    if (currentWatch != null) {
      currentWatch.close();
    }
    volumes.stop();
    running = false;
    if (thread != null) {
      thread.join(config.bind().timeout());
    }
    if (current != null) {
      current.close();
    }
    if (reporter != null) {
      reporter.close();
    }
  }

  /** Whether this replica knows the cluster and takes part in the placing. */
  public boolean isReady() {
    return isSynced() && ticked;
  }

  /** Whether all that is watched was seen once. */
  public boolean isSynced() {
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

  /** The shards held here, each with the length of its idle list, a moment ago. */
  public Map<Integer, Integer> shards() {
    return held;
  }

  /**
   * Whether this replica writes what only one may write: the owner of the first shard does, so that
   * no further election is needed.
   */
  public boolean leads() {
    return held.containsKey(0);
  }

  /** Is told which shards are held here, whenever that has changed; must be quick. */
  public void onShards(Consumer<Map<Integer, Integer>> listener) {
    shardListeners.add(listener);
  }

  /** How many of a class there are, a moment ago. */
  public ClassCounts.Counts counts(String priceClass) {
    return counts.getOrDefault(priceClass, ClassCounts.NONE);
  }

  /** The replicas that share the shards, as of the last round of renewing Leases. */
  public List<Replica> replicas() {
    KubernetesLeases current = store;
    return current == null ? List.of() : current.replicas();
  }

  /**
   * What there is to be shown, put together on the placement thread; it may be a second old. Made
   * so rarely that it takes that thread at most a fiftieth of its time, however often it is asked
   * for and however many pods wait.
   *
   * @return failed if placing does not run, or has more to do than it can
   */
  public CompletableFuture<PlacementView> view() {
    var answer = new CompletableFuture<PlacementView>();
    boolean asked = running && tasks.offer(placement -> answer(placement, answer));
    if (!asked) {
      answer.completeExceptionally(
          new IllegalStateException("placing does not run, or is too busy to be looked at"));
    }
    return answer;
  }

  private void answer(Placement placement, CompletableFuture<PlacementView> answer) {
    PlacementView current = view;
    long before = System.nanoTime();
    if (current == null || before - viewUntilNanos >= 0) {
      try {
        current = placement.view();
      } catch (RuntimeException e) {
        answer.completeExceptionally(e);
        throw e;
      }
      long took = System.nanoTime() - before;
      view = current;
      viewUntilNanos = before + Math.max(VIEW_NANOS, took * VIEW_SHARE);
    }
    answer.complete(current);
  }

  // --- what happens: called on any thread

  void podChanged(Pod pod) {
    observers.forEach(observer -> observer.podChanged(pod));
    enqueue(placement -> placement.podChanged(pod));
  }

  void podDeleted(String namespace, String uid) {
    observers.forEach(observer -> observer.podDeleted(namespace, uid));
    enqueue(placement -> placement.podGone(uid));
  }

  /** Budgets say something else now of the waiting pods of a namespace. */
  public void reconsider(String namespace) {
    enqueue(placement -> placement.reconsider(namespace));
  }

  /** Functions held so much more memory over time on a node, in byte seconds. */
  void memoryUsed(Map<String, Long> byteSecondsByFunction) {
    enqueue(placement -> placement.memoryUsed(byteSecondsByFunction));
  }

  void nodeChanged(Node node) {
    nodeObservers.forEach(observer -> observer.nodeChanged(node));
    enqueue(placement -> placement.nodeChanged(node));
  }

  void nodeDeleted(String name) {
    nodeObservers.forEach(observer -> observer.nodeDeleted(name));
    enqueue(placement -> placement.nodeDeleted(name));
  }

  void namespaceChanged(Namespace namespace) {
    String name = namespace.getMetadata().getName();
    var naming = Placement.naming(namespace.getMetadata());
    enqueue(placement -> placement.namespaceChanged(name, naming));
  }

  void namespaceDeleted(String name) {
    enqueue(placement -> placement.namespaceDeleted(name));
  }

  /** Whether there is a price class of this name now. */
  public boolean knowsPriceClass(String name) {
    return priceClasses.contains(name);
  }

  void priceClassChanged(PriceClass priceClass) {
    priceClasses.add(priceClass.getMetadata().getName());
    enqueue(placement -> placement.priceClassChanged(priceClass));
  }

  void priceClassDeleted(String name) {
    priceClasses.remove(name);
    enqueue(placement -> placement.priceClassDeleted(name));
  }

  /** A dispatcher's session has begun. */
  public void sessionOpened(String node, Load load) {
    enqueue(placement -> placement.sessionOpened(node, load));
  }

  /** A dispatcher's session has ended. */
  public void sessionClosed(String node) {
    enqueue(placement -> placement.sessionClosed(node));
  }

  /** A node joins a shard's idle list or renews its entry. */
  public void joined(String node, int shard, Load load) {
    enqueue(placement -> placement.joined(node, shard, load));
  }

  /** A node leaves a shard's idle list. */
  public void left(String node, int shard) {
    enqueue(placement -> placement.left(node, shard));
  }

  /** A node has answered a poll. */
  public void pollAnswered(String node, long pollId, Load load) {
    enqueue(placement -> placement.pollAnswered(node, pollId, load));
  }

  private void enqueue(Consumer<Placement> event) {
    try {
      tasks.put(event);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // --- the placement thread

  private void run(Placement placement) {
    var batch = new ArrayList<Consumer<Placement>>(TASKS_PER_ROUND);
    long nextSnapshot = System.nanoTime();
    while (running || placement.bindings() > 0 || !tasks.isEmpty()) {
      try {
        Consumer<Placement> first = tasks.poll(placement.idleNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
          batch.add(first);
          tasks.drainTo(batch, TASKS_PER_ROUND - 1);
        }
        for (Consumer<Placement> task : batch) {
          runSafely(() -> task.accept(placement));
        }
        batch.clear();
        runSafely(placement::step);
        released.removeIf(shard -> placement.isDrained(shard) && draining.remove(shard));
        if (System.nanoTime() - nextSnapshot >= 0) {
          nextSnapshot = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500);
          counts = placement.counts();
          snapshotShards(placement);
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void snapshotShards(Placement placement) {
    var now = new TreeMap<Integer, Integer>();
    for (int shard : placement.heldShards()) {
      now.put(shard, placement.idleListLength(shard));
    }
    Set<Integer> before = held.keySet();
    held = Map.copyOf(now);
    if (!before.equals(now.keySet())) {
      metrics.shards(now.size());
      LOG.infof("Places for the shards %s now", now.keySet());
      // Not on this thread: a listener may have to wait for it.
      if (!leases.isShutdown()) {
        leases.execute(() -> shardListeners.forEach(listener -> listener.accept(held)));
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

  // --- the leases thread

  private long nextTickNanos = System.nanoTime();

  /** Rounds are quick until there is something to hold, then a few in the duration of a Lease. */
  private void tick(LeaseKeeper of) {
    if (System.nanoTime() - nextTickNanos < 0) {
      return;
    }
    try {
      ticked |= of.tick();
      if (isSynced()) {
        nextTickNanos = System.nanoTime() + config.leases().duration().toNanos() / 5;
      }
    } catch (RuntimeException e) {
      LOG.error("A round of renewing Leases failed; going on with the next", e);
    }
  }

  /** Brings what the keeper decides to the placement thread. */
  private final class Holder implements LeaseKeeper.Holder {
    @Override
    public void resize(int shards) {
      enqueue(placement -> placement.resize(shards));
    }

    @Override
    public void pause(boolean paused) {
      enqueue(placement -> placement.pause(paused));
    }

    @Override
    public void hold(int shard) {
      enqueue(
          placement -> {
            placement.hold(shard);
            snapshotShards(placement);
          });
    }

    @Override
    public void release(int shard) {
      draining.add(shard);
      enqueue(
          placement -> {
            placement.release(shard);
            released.add(shard);
            snapshotShards(placement);
          });
    }

    @Override
    public boolean isDrained(int shard) {
      return !draining.contains(shard);
    }

    @Override
    public boolean isReady() {
      return isSynced();
    }
  }

  private String address() {
    return config
        .dispatcher()
        .advertised()
        .orElseGet(
            () -> {
              try {
                return InetAddress.getByName(config.dispatcher().host()).getHostAddress()
                    + ":"
                    + config.dispatcher().port();
              } catch (UnknownHostException e) {
                return config.dispatcher().host() + ":" + config.dispatcher().port();
              }
            });
  }

  /** The network, for placement: begins what ends later, and brings its end to the thread. */
  private final class Network implements Outside {
    private final Binder binder;
    private final PodReporter tells;
    private final Instant started = clock.instant();
    private final long startedNanos = System.nanoTime();

    Network(Binder binder, PodReporter tells) {
      this.binder = binder;
      this.tells = tells;
    }

    /** The time of day as it was at the start, and what has passed since: it never jumps. */
    @Override
    public Instant now() {
      return started.plusNanos(System.nanoTime() - startedNanos);
    }

    @Override
    public boolean poll(String node, long pollId) {
      return sessions.poll(node, pollId);
    }

    @Override
    public void bind(PodRef pod, String node, Consumer<Binder.Outcome> done) {
      tells.bindingBegan();
      var _ =
          binder
              .bind(pod.namespace(), pod.name(), pod.uid(), node)
              .whenComplete(
                  (outcome, failure) -> {
                    tells.bindingEnded();
                    enqueue(_ -> done.accept(failure == null ? outcome : Binder.Outcome.FAILED));
                  });
    }

    @Override
    public void evict(PodRef pod, Consumer<Eviction> done) {
      var _ =
          binder
              .evict(pod)
              .whenComplete(
                  (outcome, failure) ->
                      enqueue(_ -> done.accept(failure == null ? outcome : Eviction.FAILED)));
    }

    @Override
    public void waits(PodRef pod, String reason, String message) {
      tells.waits(pod, reason, message);
    }

    @Override
    public void unsay(String uid) {
      tells.forget(uid);
    }

    @Override
    public void nominated(PodRef pod, String node, String message) {
      tells.nominated(pod, node, message);
    }

    @Override
    public void preempted(PodRef pod, String message) {
      tells.preempted(pod, message);
    }
  }
}
