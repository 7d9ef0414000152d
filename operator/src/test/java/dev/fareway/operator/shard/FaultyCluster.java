package dev.fareway.operator.shard;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassSpec;
import dev.fareway.scheduler.core.Load;
import dev.fareway.scheduler.core.QueueDiscipline;
import dev.fareway.scheduler.core.ShardOptions;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.NullUnmarked;

/**
 * An API server, some replicas of the operator and some nodes in virtual time, where everything
 * that may go wrong does: answers that are late, lost or errors, watches that break, processes that
 * stop for a while or for good, clocks that differ. The replicas are the real {@link Placement} and
 * {@link LeaseKeeper}; only what lies beyond their ports is made up.
 *
 * <p>After every event it looks whether any invariant is broken.
 */
@NullUnmarked
final class FaultyCluster {
  static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final long BIND_TIMEOUT = 10 * SECOND;
  private static final Map<String, String> PRICES = Map.of("dear", "2u", "cheap", "500n");

  private record Event(long at, long order, Runnable what) {}

  private final SplittableRandom random;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
  private long now;
  private long nextOrder;

  // What the API server has.
  private final Map<String, Pod> pods = new LinkedHashMap<>();
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final Map<String, LeasePolicy.Seen> leases = new TreeMap<>();
  private final Map<String, String> boundTo = new HashMap<>();
  private int shards = 4;
  private long version;
  private boolean down;
  private boolean paused;
  private int errorsPercent;

  private final Set<Replica> replicas = new HashSet<>();
  private int nextReplica;
  private int nextPod;
  private int nextNode;
  private boolean quiet;
  int bindings;
  int conflicts;
  int takeovers;

  FaultyCluster(long seed) {
    random = new SplittableRandom(seed);
    for (int i = 0; i < 6; i++) {
      addNode();
    }
    startReplica();
    startReplica();
  }

  // --- what happens in the cluster

  void addNode() {
    String name = "n" + nextNode++;
    Node node = TestNodes.ready(name, "64", "64Gi", "500").build();
    nodes.put(name, node);
    publish(placement -> placement.nodeChanged(node));
    for (Replica replica : replicas) {
      replica.openSession(name);
    }
  }

  /** A node goes; Kubernetes deletes the pods that are bound to it. */
  void deleteNode() {
    if (nodes.size() > 2) {
      String name = pick(nodes.keySet());
      nodes.remove(name);
      publish(placement -> placement.nodeDeleted(name));
      for (String uid : List.copyOf(boundTo.keySet())) {
        if (boundTo.get(uid).equals(name)) {
          deletePod(uid);
        }
      }
    }
  }

  void createPods(int count) {
    for (int i = 0; i < count; i++) {
      String uid = "p" + nextPod++;
      Pod pod =
          new PodBuilder()
              .withNewMetadata()
              .withName(uid)
              .withNamespace("default")
              .withUid(uid)
              .withCreationTimestamp(
                  START.plusNanos(now).truncatedTo(ChronoUnit.SECONDS).toString())
              .addToAnnotations(Fareway.PRICE_CLASS, random.nextBoolean() ? "dear" : "cheap")
              .endMetadata()
              .withNewSpec()
              .withSchedulerName(Fareway.SCHEDULER_NAME)
              .addNewContainer()
              .withName("c")
              .endContainer()
              .endSpec()
              .build();
      pods.put(uid, pod);
      publish(placement -> placement.podChanged(pod));
    }
  }

  void deleteSomePod() {
    if (!pods.isEmpty()) {
      deletePod(pick(pods.keySet()));
    }
  }

  private void deletePod(String uid) {
    pods.remove(uid);
    boundTo.remove(uid);
    publish(placement -> placement.podGone(uid));
  }

  void startReplica() {
    if (replicas.size() < 3) {
      var replica = new Replica("r" + nextReplica++);
      replicas.add(replica);
      replica.start();
    }
  }

  /** Without a word to anybody. */
  void killReplica() {
    Replica replica = somebody();
    replica.dead = true;
    replicas.remove(replica);
  }

  void pauseReplica() {
    Replica replica = somebody();
    replica.pausedUntil = now + random.nextLong(40 * SECOND);
  }

  void breakWatch() {
    somebody().relist();
  }

  void cutStreams() {
    Replica replica = somebody();
    for (String node : nodes.keySet()) {
      if (random.nextBoolean()) {
        replica.closeSession(node);
      }
    }
  }

  void apiServerDown() {
    down = true;
    after(
        random.nextLong(30 * SECOND),
        () -> {
          down = false;
          replicas.forEach(Replica::relist);
        });
  }

  void apiServerErrors() {
    errorsPercent = random.nextInt(90);
    after(random.nextLong(30 * SECOND), () -> errorsPercent = 0);
  }

  void resize() {
    shards = 1 + random.nextInt(6);
  }

  void pause() {
    paused = !paused;
  }

  // --- time

  void run(long nanos) {
    long until = now + nanos;
    while (!events.isEmpty() && events.peek().at <= until) {
      Event event = events.poll();
      now = Math.max(now, event.at);
      event.what.run();
      checkFences();
    }
    now = until;
  }

  /** All faults are over: whoever waits is to get a node, in bounded time. */
  void heal() {
    quiet = true;
    down = false;
    paused = false;
    errorsPercent = 0;
    for (Replica replica : replicas) {
      replica.pausedUntil = 0;
      replica.relist();
    }
    if (replicas.isEmpty()) {
      startReplica();
    }
    run(180 * SECOND);
  }

  /** The pods that have no node. */
  List<String> waiting() {
    return pods.keySet().stream().filter(uid -> !boundTo.containsKey(uid)).toList();
  }

  String held() {
    var held = new TreeMap<String, Set<Integer>>();
    replicas.forEach(replica -> held.put(replica.name, replica.placement.heldShards()));
    return held + " of " + shards + " " + leases.values();
  }

  Set<Integer> allHeld() {
    var held = new HashSet<Integer>();
    replicas.forEach(replica -> held.addAll(replica.placement.heldShards()));
    return held;
  }

  int shards() {
    return shards;
  }

  int mostHeld() {
    return replicas.stream()
        .mapToInt(replica -> replica.placement.heldShards().size())
        .max()
        .orElse(0);
  }

  int leastHeld() {
    return replicas.stream()
        .mapToInt(replica -> replica.placement.heldShards().size())
        .min()
        .orElse(0);
  }

  private void checkFences() {
    for (int shard = 0; shard < 8; shard++) {
      int open = 0;
      for (Replica replica : replicas) {
        open += replica.keeper.mayPlace(shard) ? 1 : 0;
      }
      if (open > 1) {
        throw new IllegalStateException(
            "%d replicas may place for shard %d: %s".formatted(open, shard, held()));
      }
    }
  }

  private void after(long nanos, Runnable what) {
    events.add(new Event(now + nanos, nextOrder++, what));
  }

  private void publish(Consumer<Placement> change) {
    replicas.forEach(replica -> replica.watched(change));
  }

  private Replica somebody() {
    List<Replica> sorted =
        replicas.stream().sorted(Comparator.comparing((Replica replica) -> replica.name)).toList();
    if (sorted.isEmpty()) {
      startReplica();
      return replicas.iterator().next();
    }
    return sorted.get(random.nextInt(sorted.size()));
  }

  private String pick(Set<String> names) {
    return List.copyOf(names).get(random.nextInt(names.size()));
  }

  /** Short most of the time, and now and then longer than any patience. */
  private long delay() {
    if (quiet || random.nextInt(20) > 0) {
      return random.nextLong(5 * MILLI);
    }
    return random.nextInt(5) > 0 ? random.nextLong(SECOND) : random.nextLong(25 * SECOND);
  }

  private boolean fails() {
    return down || random.nextInt(100) < errorsPercent;
  }

  /** A process of the operator. */
  private final class Replica implements Outside, LeaseStore, LeaseKeeper.Holder {
    private final String name;
    private final long skewNanos = random.nextLong(-60 * SECOND, 60 * SECOND);
    private final LeaseKeeper keeper;
    private final Placement placement;
    private final ArrayDeque<Runnable> inbox = new ArrayDeque<>();
    private final Set<String> sessions = new HashSet<>();
    private boolean dead;
    private boolean synced;
    private long pausedUntil;
    private long streamFreeAt;
    private long generation;

    Replica(String name) {
      this.name = name;
      this.keeper =
          new LeaseKeeper(new LeasePolicy(name, LEASE), this, () -> FaultyCluster.this.now, this);
      var options =
          new ShardOptions(
              QueueDiscipline.PRICE_TIMES_WAIT,
              10_000,
              3,
              15 * SECOND,
              50 * MILLI,
              2 * SECOND,
              true,
              20 * SECOND,
              SECOND);
      this.placement =
          new Placement(
              new Placement.Options(options, 8, 5 * MILLI),
              shards,
              this,
              keeper,
              new PlacementMetrics(new SimpleMeterRegistry()),
              random.split());
    }

    void start() {
      relist();
      tick();
      loop();
    }

    /** Anything of this process happens here: not while it is stopped, never when it is dead. */
    private void happens(long delay, Runnable what) {
      after(
          delay,
          () -> {
            if (dead) {
              return;
            }
            if (pausedUntil > FaultyCluster.this.now) {
              happens(pausedUntil - FaultyCluster.this.now, what);
            } else {
              what.run();
            }
          });
    }

    private void tick() {
      happens(
          3 * SECOND,
          () -> {
            keeper.tick();
            tick();
          });
    }

    private void loop() {
      happens(
          MILLI + random.nextLong(20 * MILLI),
          () -> {
            for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
              task.run();
            }
            placement.step();
            loop();
          });
    }

    /** Watch events arrive late, but in order; those of an earlier watch never. */
    void watched(Consumer<Placement> change) {
      long of = generation;
      streamFreeAt = Math.max(streamFreeAt, FaultyCluster.this.now + delay());
      happens(
          streamFreeAt - FaultyCluster.this.now,
          () ->
              inbox.add(
                  () -> {
                    if (of == generation) {
                      change.accept(placement);
                    }
                  }));
    }

    /** What was sent of the old watch and is not there yet is lost; all is listed anew. */
    void relist() {
      long of = ++generation;
      streamFreeAt = Math.max(streamFreeAt, FaultyCluster.this.now + delay());
      var podsNow = List.copyOf(pods.values());
      var nodesNow = List.copyOf(nodes.values());
      happens(
          streamFreeAt - FaultyCluster.this.now,
          () ->
              inbox.add(
                  () -> {
                    if (of == generation) {
                      listed(podsNow, nodesNow);
                    }
                  }));
    }

    private final Set<String> knownPods = new HashSet<>();
    private final Set<String> knownNodes = new HashSet<>();

    private void listed(List<Pod> podsNow, List<Node> nodesNow) {
      PRICES.forEach((name, price) -> placement.priceClassChanged(priceClass(name, price)));
      placement.namespaceChanged("default", Placement.naming(new ObjectMeta()));
      nodesNow.forEach(placement::nodeChanged);
      podsNow.forEach(placement::podChanged);
      var uids = new HashSet<String>();
      podsNow.forEach(pod -> uids.add(pod.getMetadata().getUid()));
      for (int i = 0; i < nextPod; i++) {
        if (!uids.contains("p" + i)) {
          placement.podGone("p" + i);
        }
      }
      var names = new HashSet<String>();
      nodesNow.forEach(node -> names.add(node.getMetadata().getName()));
      for (int i = 0; i < nextNode; i++) {
        if (!names.contains("n" + i)) {
          placement.nodeDeleted("n" + i);
        }
      }
      knownPods.addAll(uids);
      knownNodes.addAll(names);
      synced = true;
      names.forEach(this::openSession);
    }

    void openSession(String node) {
      happens(
          delay(),
          () ->
              inbox.add(
                  () -> {
                    if (nodes.containsKey(node) && sessions.add(node)) {
                      placement.sessionOpened(node, load());
                      placement.heldShards().stream()
                          .findAny()
                          .ifPresent(shard -> placement.joined(node, shard, load()));
                    }
                  }));
    }

    void closeSession(String node) {
      inbox.add(
          () -> {
            if (sessions.remove(node)) {
              placement.sessionClosed(node);
            }
          });
      openSession(node);
    }

    private Load load() {
      return new Load(random.nextLong(1L << 34), random.nextInt(20), List.of());
    }

    // --- Outside

    @Override
    public Instant now() {
      return START.plusNanos(FaultyCluster.this.now + skewNanos);
    }

    @Override
    public boolean poll(String node, long pollId) {
      if (!sessions.contains(node)) {
        return false;
      }
      if (random.nextInt(10) > 0) {
        happens(delay(), () -> inbox.add(() -> placement.pollAnswered(node, pollId, load())));
      }
      return true;
    }

    @Override
    public void bind(PodRef pod, String node, Consumer<Binder.Outcome> done) {
      checkOrder(pod.uid());
      long arrives = delay();
      // The request is under way: it arrives whatever becomes of its sender.
      after(
          arrives,
          () -> {
            Binder.Outcome outcome = fails() ? Binder.Outcome.FAILED : bound(pod, node);
            // Now and then the answer is lost.
            if (!quiet && random.nextInt(50) == 0) {
              outcome = Binder.Outcome.FAILED;
            }
            Binder.Outcome told = outcome;
            if (arrives < BIND_TIMEOUT) {
              happens(delay(), () -> inbox.add(() -> done.accept(told)));
            }
          });
      if (arrives >= BIND_TIMEOUT) {
        happens(BIND_TIMEOUT, () -> inbox.add(() -> done.accept(Binder.Outcome.FAILED)));
      }
    }

    private Binder.Outcome bound(PodRef ref, String node) {
      Pod before = pods.get(ref.uid());
      if (before == null || boundTo.containsKey(ref.uid())) {
        conflicts++;
        return Binder.Outcome.REFUSED;
      }
      bindings++;
      Pod pod = new PodBuilder(before).editSpec().withNodeName(node).endSpec().build();
      pods.put(ref.uid(), pod);
      boundTo.put(ref.uid(), node);
      publish(placement -> placement.podChanged(pod));
      if (!nodes.containsKey(node)) {
        // Kubernetes' garbage collector finds it in a while.
        after(SECOND, () -> deletePod(ref.uid()));
      }
      return Binder.Outcome.BOUND;
    }

    /**
     * Within a class none goes before an older one of its shard, unless that was tried before and
     * waits for its next try.
     */
    private void checkOrder(String uid) {
      KnownPod first = placement.known(uid);
      if (first == null) {
        return;
      }
      for (Pod other : pods.values()) {
        String otherUid = other.getMetadata().getUid();
        KnownPod waits = placement.known(otherUid);
        if (waits != null
            && waits.instance != null
            && first.instance != null
            && !waits.binding
            && !waits.tried
            && waits.shard == first.shard
            && waits.priceClass.equals(first.priceClass)
            && waits.instance.createdNanos() < first.instance.createdNanos()) {
          throw new IllegalStateException(
              "%s goes before %s of its class, which is older".formatted(uid, otherUid));
        }
      }
    }

    @Override
    public void evict(PodRef pod, Consumer<Eviction> done) {
      happens(delay(), () -> inbox.add(() -> done.accept(Eviction.PROTECTED)));
    }

    @Override
    public void waits(PodRef pod, String reason, String message) {}

    @Override
    public void unsay(String uid) {}

    @Override
    public void nominated(PodRef pod, String node, String message) {}

    @Override
    public void preempted(PodRef pod, String message) {}

    // --- LeaseStore

    private void mayFail() throws IOException {
      if (fails()) {
        throw new IOException("made to fail");
      }
    }

    @Override
    public List<LeasePolicy.Seen> list() throws IOException {
      mayFail();
      return List.copyOf(leases.values());
    }

    @Override
    public Settings settings() {
      return new Settings(shards, paused);
    }

    @Override
    public boolean create(int shard) throws IOException {
      mayFail();
      String lease = shard == LeasePolicy.MEMBER ? "member-" + name : "shard-" + shard;
      return leases.putIfAbsent(
              lease, new LeasePolicy.Seen(lease, shard, name, Long.toString(++version)))
          == null;
    }

    @Override
    public boolean hold(LeasePolicy.Seen lease) throws IOException {
      return write(lease, name);
    }

    @Override
    public boolean giveUp(LeasePolicy.Seen lease) throws IOException {
      return write(lease, "");
    }

    private boolean write(LeasePolicy.Seen lease, String holder) throws IOException {
      mayFail();
      LeasePolicy.Seen current = leases.get(lease.name());
      if (current == null || !current.version().equals(lease.version())) {
        return false;
      }
      if (!current.holder().isEmpty() && !holder.isEmpty() && !current.holder().equals(holder)) {
        takeovers++;
      }
      leases.put(
          lease.name(),
          new LeasePolicy.Seen(lease.name(), lease.shard(), holder, Long.toString(++version)));
      return true;
    }

    @Override
    public boolean delete(LeasePolicy.Seen lease) throws IOException {
      mayFail();
      LeasePolicy.Seen current = leases.get(lease.name());
      return current != null
          && current.version().equals(lease.version())
          && leases.remove(lease.name()) != null;
    }

    // --- Holder: through the inbox, as with the real host

    @Override
    public void resize(int to) {
      inbox.add(() -> placement.resize(to));
    }

    @Override
    public void pause(boolean now) {
      inbox.add(() -> placement.pause(now));
    }

    @Override
    public void hold(int shard) {
      inbox.add(
          () -> {
            placement.hold(shard);
            nodes.keySet().stream()
                .filter(sessions::contains)
                .filter(_ -> random.nextBoolean())
                .forEach(node -> placement.joined(node, shard, load()));
          });
    }

    @Override
    public void release(int shard) {
      inbox.add(() -> placement.release(shard));
    }

    @Override
    public boolean isDrained(int shard) {
      return inbox.isEmpty() && placement.isDrained(shard);
    }

    @Override
    public boolean isReady() {
      return synced;
    }
  }

  private static PriceClass priceClass(String name, String price) {
    var priceClass = new PriceClass();
    var meta = new ObjectMeta();
    meta.setName(name);
    meta.setCreationTimestamp("2026-01-01T00:00:00Z");
    priceClass.setMetadata(meta);
    priceClass.setSpec(spec(price));
    return priceClass;
  }

  private static PriceClassSpec spec(String price) {
    return new PriceClassSpec(new Quantity(price), false, null, null);
  }
}
