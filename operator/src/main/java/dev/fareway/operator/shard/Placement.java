package dev.fareway.operator.shard;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.scheduler.core.Cluster;
import dev.fareway.scheduler.core.Instance;
import dev.fareway.scheduler.core.Load;
import dev.fareway.scheduler.core.PlacementSink;
import dev.fareway.scheduler.core.PricedClass;
import dev.fareway.scheduler.core.Refusal;
import dev.fareway.scheduler.core.Shard;
import dev.fareway.scheduler.core.ShardAssignment;
import dev.fareway.scheduler.core.ShardOptions;
import dev.fareway.scheduler.core.Victim;
import dev.fareway.scheduler.kubernetes.BeyondJudgement;
import dev.fareway.scheduler.kubernetes.NodeReader;
import dev.fareway.scheduler.kubernetes.PodReader;
import dev.fareway.scheduler.kubernetes.PriceClassChoice;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What one replica knows of the cluster, and the shards that it holds. One thread tells it what
 * happens and lets it place; so nothing here needs a lock, and the same events in the same order
 * give the same decisions.
 *
 * <p>All waiting pods are known, whichever replica holds their shards: a shard that is taken over
 * is filled at once.
 */
final class Placement {
  private static final Logger LOG = Logger.getLogger(Placement.class);
  private static final long HOUSEKEEPING_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long RECHECK_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long PROTECTED_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long EVICTION_RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int RECONSIDER_HOUSEKEEPINGS = 5;
  private static final String NO_CLASS = "-";

  /**
   * How it works.
   *
   * @param shard how each shard works
   * @param maxBindings bindings under way at once, 1 or more
   * @param pollDeadlineNanos who has not answered by then is judged by what it last said
   */
  record Options(ShardOptions shard, int maxBindings, long pollDeadlineNanos) {}

  private final Options options;
  private final Outside outside;
  private final Fence fence;
  private final PlacementGuard guard;
  private final UsableClaims claims;
  private final PlacementMetrics metrics;
  private final RandomGenerator random;
  private final Cluster cluster = new Cluster();
  private final TreeMap<Integer, Held> held = new TreeMap<>();
  private final Map<String, PriceClass> priceClasses = new HashMap<>();
  private List<PricedClass> priced = List.of();
  private Map<String, Long> prices = Map.of();
  private Optional<String> defaultClass = Optional.empty();
  private final Map<String, ObjectMeta> namespaces = new HashMap<>();
  private final Map<String, KnownPod> pods = new HashMap<>();
  private final Map<String, String> functionNames = new HashMap<>();
  private final Set<KnownPod> waiting = new LinkedHashSet<>();
  private final Set<KnownPod> shelved = new LinkedHashSet<>();
  private final Map<Long, OpenPoll> polls = new LinkedHashMap<>();
  private final ArrayDeque<Recheck> rechecks = new ArrayDeque<>();
  private final ClassCounts counts = new ClassCounts();
  private final FunctionMemory memory = new FunctionMemory();
  private final DecisionRing decisions = new DecisionRing();
  private final Map<String, RecentWaits> recentWaits = new HashMap<>();
  private int shardCount;
  private boolean paused;
  private long nextPollId;
  private long lastHousekeepingNanos;
  private int bindings;
  private int housekeepings;

  private record Recheck(KnownPod pod, long atNanos) {}

  Placement(
      Options options,
      int shardCount,
      Outside outside,
      Fence fence,
      PlacementMetrics metrics,
      RandomGenerator random) {
    this(
        options,
        shardCount,
        outside,
        fence,
        PlacementGuard.NONE,
        UsableClaims.NONE,
        metrics,
        random);
  }

  Placement(
      Options options,
      int shardCount,
      Outside outside,
      Fence fence,
      PlacementGuard guard,
      UsableClaims claims,
      PlacementMetrics metrics,
      RandomGenerator random) {
    this.guard = guard;
    this.claims = claims;
    this.options = options;
    this.shardCount = shardCount;
    this.outside = outside;
    this.fence = fence;
    this.metrics = metrics;
    this.random = random;
  }

  // --- shards

  int shardCount() {
    return shardCount;
  }

  /** The shards held here, by number. */
  Set<Integer> heldShards() {
    return held.keySet();
  }

  int idleListLength(int shard) {
    Held of = held.get(shard);
    return of == null ? 0 : of.shard.idleListLength();
  }

  /** From now on places for a shard: its queue is filled with all who wait. */
  void hold(int shard) {
    if (shard >= shardCount || held.containsKey(shard)) {
      return;
    }
    var now = new Held(shard, new Shard(options.shard(), cluster, random));
    now.shard.classes(priced);
    held.put(shard, now);
    for (KnownPod pod : List.copyOf(waiting)) {
      if (pod.shard == shard) {
        enter(pod);
      }
    }
  }

  /** Places for a shard no more. Bindings under way go on; see {@link #isDrained}. */
  void release(int shard) {
    Held gone = held.remove(shard);
    if (gone != null) {
      gone.open = false;
      gone.shard.close();
      polls.values().removeIf(poll -> poll.of == gone);
    }
  }

  /** Whether no binding of a shard is under way that was begun here. */
  boolean isDrained(int shard) {
    for (KnownPod pod : waiting) {
      if (pod.binding && pod.shard == shard) {
        return false;
      }
    }
    return true;
  }

  /** Places nothing until it is told to go on; bindings under way go on. */
  void pause(boolean now) {
    LOG.info(now ? "Placing is paused" : "Placing goes on");
    paused = now;
  }

  /** There are so many shards now: waiting pods move to the one that is theirs now. */
  void resize(int shards) {
    if (shards == shardCount) {
      return;
    }
    LOG.infof("There are %d shards now, before %d", shards, shardCount);
    List<Integer> kept = held.keySet().stream().filter(shard -> shard < shards).toList();
    List.copyOf(held.keySet()).forEach(this::release);
    shardCount = shards;
    for (KnownPod pod : pods.values()) {
      pod.shard = ShardAssignment.shardOf(pod.ref.uid(), shards);
    }
    kept.forEach(this::hold);
  }

  // --- what happens

  void nodeChanged(Node node) {
    cluster.putNode(
        node.getMetadata().getName(), NodeReader.traits(node), NodeReader.allocatable(node));
  }

  void nodeDeleted(String name) {
    cluster.removeNode(name);
  }

  void namespaceChanged(String name, ObjectMeta naming) {
    ObjectMeta before = namespaces.put(name, naming);
    if (before == null || !sameNaming(before, naming)) {
      reclassify(name);
    }
  }

  void namespaceDeleted(String name) {
    namespaces.remove(name);
  }

  void priceClassChanged(PriceClass priceClass) {
    PriceClass before = priceClasses.put(priceClass.getMetadata().getName(), priceClass);
    // Its status changes every few seconds, and is of no interest here.
    if (before == null || !before.getSpec().equals(priceClass.getSpec())) {
      onPriceClasses();
    }
  }

  void priceClassDeleted(String name) {
    priceClasses.remove(name);
    onPriceClasses();
  }

  void podChanged(Pod pod) {
    String uid = pod.getMetadata().getUid();
    String node = pod.getSpec().getNodeName();
    boolean isBound = node != null && !node.isEmpty();
    if (PodReader.hasEnded(pod)) {
      podGone(uid);
    } else if (isBound) {
      onBoundPod(pod, uid, node);
    } else if (PodReader.waitsFor(Fareway.SCHEDULER_NAME, pod)) {
      onWaitingPod(pod, uid);
    } else {
      podGone(uid);
    }
  }

  void podGone(String uid) {
    KnownPod gone = pods.remove(uid);
    if (gone != null) {
      stopsWaiting(gone);
      uncount(gone);
      if (gone.bound) {
        memory.ended(gone.function, now());
      }
    }
    cluster.release(uid);
  }

  /** Functions held so much more memory over time on a node, in byte seconds. */
  void memoryUsed(Map<String, Long> byteSecondsByFunction) {
    byteSecondsByFunction.forEach((function, bytes) -> memory.used(function, bytes, now()));
  }

  void sessionOpened(String node, Load load) {
    cluster.reachable(node, true);
    cluster.heard(node, load);
  }

  void sessionClosed(String node) {
    cluster.reachable(node, false);
  }

  void joined(String node, int shard, Load load) {
    Held of = held.get(shard);
    if (of != null) {
      of.shard.join(node, load, now());
    } else {
      cluster.heard(node, load);
    }
  }

  void left(String node, int shard) {
    Held of = held.get(shard);
    if (of != null) {
      of.shard.leave(node);
    }
  }

  void pollAnswered(String node, long pollId, Load load) {
    cluster.heard(node, load);
    OpenPoll poll = polls.get(pollId);
    metrics.poll(poll == null ? "late" : "answered");
    if (poll != null && poll.awaited.remove(node) && poll.awaited.isEmpty()) {
      polls.remove(pollId);
      answered(poll);
    }
  }

  private static void answered(OpenPoll poll) {
    poll.of.takenNanos = poll.takenNanos;
    poll.of.shard.answered(poll.shardPollId, poll.of);
  }

  // --- placing

  /** Decides what can be decided now. */
  void step() {
    long now = now();
    timeouts(now);
    for (Held of : held.values()) {
      int permits = options.maxBindings() - bindings;
      if (permits > 0 && mayPlace(of)) {
        of.shard.place(now, permits, of);
      }
    }
  }

  /** How long nothing is to be done if nothing happens: nanoseconds, 0 or more. */
  long idleNanos() {
    long now = now();
    long next = lastHousekeepingNanos + HOUSEKEEPING_NANOS;
    for (OpenPoll poll : polls.values()) {
      next = Math.min(next, poll.deadlineNanos);
    }
    if (bindings < options.maxBindings()) {
      for (Held of : held.values()) {
        if (mayPlace(of)) {
          next = Math.min(next, Math.max(now, of.shard.nextDueNanos()));
        }
      }
    }
    return Math.max(0, next - now);
  }

  private boolean mayPlace(Held of) {
    return !paused && fence.mayPlace(of.index);
  }

  /** Bindings under way. */
  int bindings() {
    return bindings;
  }

  /** How many there are of each class. */
  Map<String, ClassCounts.Counts> counts() {
    return counts.snapshot();
  }

  /** What there is to be shown. Looks at every waiting pod: not for each decision. */
  PlacementView view() {
    long now = now();
    var waits = new ViewOfPlacement(prices, held.keySet(), now);
    for (KnownPod pod : waiting) {
      if (pod.instance != null) {
        waits.add(pod, pod.instance.createdNanos());
      }
    }
    Map<String, ClassCounts.Counts> snapshot = counts.snapshot();
    var classes = new ArrayList<PlacementView.OfClass>();
    priceClasses.forEach(
        (name, of) -> {
          ClassCounts.Counts count = snapshot.getOrDefault(name, ClassCounts.NONE);
          RecentWaits recent = recentWaits.get(name);
          RecentWaits.Summary placed =
              recent == null ? RecentWaits.Summary.NONE : recent.summary(now);
          classes.add(
              new PlacementView.OfClass(
                  name,
                  prices.getOrDefault(name, 0L),
                  defaultClass.filter(name::equals).isPresent(),
                  of.getSpec().swap().toString(),
                  of.getSpec().cpu().policy().toString(),
                  count.functions(),
                  count.instances(),
                  waits.waiting(name),
                  waits.longestWaitNanos(name),
                  placed.placed(),
                  placed.meanNanos(),
                  placed.longestNanos()));
        });
    classes.sort(
        Comparator.comparingLong(PlacementView.OfClass::priceNanoUnits)
            .reversed()
            .thenComparing(PlacementView.OfClass::name));
    var shards = new ArrayList<PlacementView.OfShard>();
    for (Held of : held.values()) {
      shards.add(
          new PlacementView.OfShard(
              of.index,
              waits.queues(of.index),
              of.shard.idleListLength(),
              of.shard.idleNodes(PlacementView.MOST_IDLE)));
    }
    return new PlacementView(
        shardCount, classes, waits.waiting(""), shards, waits.next(), decisions.latest());
  }

  private void note(
      Decision.Kind kind,
      KnownPod pod,
      String node,
      long waitedNanos,
      PlacementSink.@Nullable How how,
      String message) {
    decisions.add(
        new Decision(
            outside.now().toEpochMilli(),
            kind,
            pod.ref.namespace(),
            pod.ref.name(),
            pod.priceClass,
            pod.shard,
            node,
            Math.max(0, waitedNanos),
            how,
            node.isEmpty() ? 0 : cluster.functions(node),
            message));
  }

  /** Pods that wait for this scheduler, in whichever shard. */
  int waitingPods() {
    return waiting.size();
  }

  /** For the invariants that tests look at. */
  @Nullable KnownPod known(String uid) {
    return pods.get(uid);
  }

  private void timeouts(long now) {
    if (!polls.isEmpty()) {
      for (var open : List.copyOf(polls.entrySet())) {
        OpenPoll poll = open.getValue();
        if (poll.deadlineNanos <= now) {
          polls.remove(open.getKey());
          poll.awaited.forEach(_ -> metrics.poll("silent"));
          answered(poll);
        }
      }
    }
    if (now - lastHousekeepingNanos >= HOUSEKEEPING_NANOS || now < lastHousekeepingNanos) {
      lastHousekeepingNanos = now;
      housekeep(now);
    }
  }

  private void housekeep(long now) {
    for (Held of : held.values()) {
      of.shard.expire(now);
      metrics.idleList(of.index, of.shard.idleListLength());
    }
    for (Recheck first = rechecks.peek();
        first != null && first.atNanos <= now;
        first = rechecks.peek()) {
      rechecks.remove();
      if (waiting.contains(first.pod)) {
        enter(first.pod);
      }
    }
    if (!shelved.isEmpty() && ++housekeepings % RECONSIDER_HOUSEKEEPINGS == 0) {
      List.copyOf(shelved).forEach(this::enter);
    }
    Map<String, ClassCounts.Counts> snapshot = counts.snapshot();
    priceClasses
        .keySet()
        .forEach(
            name -> metrics.queue(name, snapshot.getOrDefault(name, ClassCounts.NONE).queued()));
  }

  // --- pods

  private void onBoundPod(Pod pod, String uid, String node) {
    boolean function = Fareway.SCHEDULER_NAME.equals(pod.getSpec().getSchedulerName());
    String priceClass = "";
    if (function) {
      KnownPod known = known(pod, uid);
      stopsWaiting(known);
      if (choice(pod.getMetadata(), known) instanceof PriceClassChoice.Chosen(String chosen)) {
        priceClass = chosen;
      }
      known.priceClass = priceClass;
      if (!known.bound) {
        known.bound = true;
        memory.began(known.function, now());
      }
      count(known);
    }
    cluster.occupy(uid, node, PodReader.needs(pod), function, prices.getOrDefault(priceClass, 0L));
    if (pod.getMetadata().getDeletionTimestamp() != null) {
      cluster.leaving(uid);
    }
  }

  private void onWaitingPod(Pod pod, String uid) {
    KnownPod known = known(pod, uid);
    if (known.bound) {
      // An older word than what is known already: a pod is bound once.
      return;
    }
    if (known.instance == null) {
      Instance declared = PodReader.instance(pod, NO_CLASS, outside.now());
      OptionalLong before = memory.perInstance(known.function);
      known.instance = before.isPresent() ? declared.using(before.getAsLong()) : declared;
      known.beyond = String.join(", ", BeyondJudgement.demands(pod, _ -> true));
      known.claims = BeyondJudgement.claims(pod);
    }
    known.naming = naming(pod.getMetadata());
    known.labels = Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of());
    waiting.add(known);
    String nominatedTo = pod.getStatus() == null ? null : pod.getStatus().getNominatedNodeName();
    if (!held.containsKey(known.shard)) {
      // Another replica has promised it that room: it is not given to others here.
      if (nominatedTo != null && !nominatedTo.isEmpty()) {
        cluster.reserve(uid, nominatedTo, known.instance.needs());
      } else {
        cluster.release(uid);
      }
    }
    enter(known);
  }

  /**
   * Puts a waiting pod where it now belongs: into its class, and if that is held here its shard.
   */
  private void enter(KnownPod pod) {
    Instance instance = pod.instance;
    ObjectMeta naming = pod.naming;
    if (pod.binding || instance == null || naming == null) {
      return;
    }
    shelved.remove(pod);
    pod.shelved = false;
    String beyond = beyond(pod);
    if (!beyond.isEmpty()) {
      leaveShard(pod);
      shelve(
          pod,
          "NotJudged",
          "The pod demands what the scheduler fareway does not judge: %s. Leave spec.schedulerName out: it is priced and enforced all the same."
              .formatted(beyond));
      return;
    }
    Optional<String> degradedTo = Optional.empty();
    switch (guard.judge(pod.ref.namespace(), pod.labels)) {
      case PlacementGuard.Ruling.Free() -> {}
      case PlacementGuard.Ruling.Degraded(String to) -> degradedTo = Optional.of(to);
      case PlacementGuard.Ruling.Throttled(String message) -> {
        leaveShard(pod);
        shelve(pod, "BudgetThrottled", message);
        return;
      }
    }
    switch (choice(naming, pod)) {
      case PriceClassChoice.Chosen(String own) -> {
        String priceClass = degradedTo.filter(to -> isCheaper(to, own)).orElse(own);
        if (!priceClass.equals(pod.priceClass)) {
          leaveShard(pod);
          pod.priceClass = priceClass;
          pod.instance = instance.in(priceClass);
        }
        count(pod);
        offer(pod);
      }
      case PriceClassChoice.Unknown(String message) -> {
        leaveShard(pod);
        pod.priceClass = "";
        uncount(pod);
        shelve(pod, "UnknownPriceClass", message);
      }
    }
  }

  /** What is not judged here. A claim may be bound meanwhile: it is asked for each time. */
  private String beyond(KnownPod pod) {
    for (String claim : pod.claims) {
      if (!claims.areUsableAnywhere(pod.ref.namespace(), claim)) {
        String unusable = BeyondJudgement.unusable(claim);
        return pod.beyond.isEmpty() ? unusable : pod.beyond + ", " + unusable;
      }
    }
    return pod.beyond;
  }

  private boolean isCheaper(String priceClass, String than) {
    return prices.getOrDefault(priceClass, Long.MAX_VALUE) < prices.getOrDefault(than, 0L);
  }

  /** Budgets say something else now of the pods of a namespace. */
  void reconsider(String namespace) {
    reclassify(namespace);
  }

  private void offer(KnownPod pod) {
    Held of = held.get(pod.shard);
    if (of != null && pod.instance != null) {
      switch (of.shard.add(pod.instance)) {
        case QUEUED, KNOWN -> {}
        case FULL ->
            shelve(
                pod,
                "QueueFull",
                "The queue of its shard is full. The pod is taken up when others have been placed.");
        // The shard is told of classes before they are chosen.
        case UNKNOWN_CLASS -> shelved.add(pod);
      }
    }
  }

  private void shelve(KnownPod pod, String reason, String message) {
    pod.shelved = true;
    shelved.add(pod);
    if (held.containsKey(pod.shard)) {
      say(pod, reason, message);
    }
  }

  private void leaveShard(KnownPod pod) {
    Held of = held.get(pod.shard);
    if (of != null && of.shard.knows(pod.ref.uid())) {
      of.shard.remove(pod.ref.uid());
      cluster.release(pod.ref.uid());
    }
  }

  private void stopsWaiting(KnownPod pod) {
    waiting.remove(pod);
    shelved.remove(pod);
    pod.instance = null;
    pod.naming = null;
    if (!pod.said.isEmpty()) {
      pod.said = "";
      outside.unsay(pod.ref.uid());
    }
    pod.labels = Map.of();
    Held of = held.get(pod.shard);
    if (of != null) {
      of.shard.remove(pod.ref.uid());
    }
  }

  private KnownPod known(Pod pod, String uid) {
    KnownPod known = pods.get(uid);
    if (known == null) {
      ObjectMeta meta = pod.getMetadata();
      String name = meta.getNamespace() + "/" + PodReader.functionOf(pod);
      String function = functionNames.computeIfAbsent(name, _ -> name);
      known = new KnownPod(new PodRef(meta.getNamespace(), meta.getName(), uid), function);
      known.shard = ShardAssignment.shardOf(uid, shardCount);
      pods.put(uid, known);
    }
    return known;
  }

  // --- classes

  private void onPriceClasses() {
    readPriceClasses();
    for (Held of : held.values()) {
      var _ = of.shard.classes(priced);
    }
    List.copyOf(waiting).forEach(this::enter);
    for (KnownPod pod : pods.values()) {
      if (pod.bound) {
        cluster.reprice(pod.ref.uid(), prices.getOrDefault(pod.priceClass, 0L));
      }
    }
  }

  /**
   * Reads the classes whose price is one (others have a condition that says so), and the default
   * among them.
   */
  private void readPriceClasses() {
    var read = new ArrayList<PricedClass>();
    var byName = new HashMap<String, Long>();
    for (PriceClass priceClass : priceClasses.values()) {
      String name = priceClass.getMetadata().getName();
      try {
        long price = priceClass.getSpec().price().nanoUnitsPerCpuSecond();
        read.add(new PricedClass(name, price));
        byName.put(name, price);
      } catch (IllegalArgumentException e) {
        LOG.debugf("PriceClass %s has no price: %s", name, e.getMessage());
      }
    }
    priced = List.copyOf(read);
    prices = byName;
    defaultClass =
        priceClasses.values().stream()
            .filter(priceClass -> priceClass.getSpec().isDefault())
            .filter(priceClass -> byName.containsKey(priceClass.getMetadata().getName()))
            .min(
                Comparator.comparing(
                        (PriceClass priceClass) -> priceClass.getMetadata().getCreationTimestamp())
                    .thenComparing(priceClass -> priceClass.getMetadata().getName()))
            .map(priceClass -> priceClass.getMetadata().getName());
  }

  private void reclassify(String namespace) {
    for (KnownPod pod : List.copyOf(waiting)) {
      if (pod.ref.namespace().equals(namespace)) {
        enter(pod);
      }
    }
  }

  private PriceClassChoice choice(ObjectMeta naming, KnownPod pod) {
    return PriceClassChoice.of(naming, namespaces.get(pod.ref.namespace()), priced, defaultClass);
  }

  /** What of a pod's or a namespace's metadata names a class. */
  static ObjectMeta naming(ObjectMeta meta) {
    var naming = new ObjectMeta();
    naming.setAnnotations(only(meta.getAnnotations()));
    naming.setLabels(only(meta.getLabels()));
    return naming;
  }

  private static Map<String, String> only(@Nullable Map<String, String> of) {
    String value = of == null ? null : of.get(Fareway.PRICE_CLASS);
    return value == null ? Map.of() : Map.of(Fareway.PRICE_CLASS, value);
  }

  private static boolean sameNaming(ObjectMeta a, ObjectMeta b) {
    return a.getAnnotations().equals(b.getAnnotations()) && a.getLabels().equals(b.getLabels());
  }

  private void count(KnownPod pod) {
    if (pod.countedIn.equals(pod.priceClass) && pod.countedBound == pod.bound) {
      return;
    }
    uncount(pod);
    if (!pod.priceClass.isEmpty()) {
      counts.add(pod.priceClass, pod.function, pod.bound);
      pod.countedIn = pod.priceClass;
      pod.countedBound = pod.bound;
    }
  }

  private void uncount(KnownPod pod) {
    if (!pod.countedIn.isEmpty()) {
      counts.remove(pod.countedIn, pod.function, pod.countedBound);
      pod.countedIn = "";
    }
  }

  private void say(KnownPod pod, String reason, String message) {
    if (!message.equals(pod.said)) {
      pod.said = message;
      Instance instance = pod.instance;
      note(
          Decision.Kind.WAITS,
          pod,
          "",
          instance == null ? 0 : now() - instance.createdNanos(),
          null,
          message);
      outside.waits(pod.ref, reason, message);
    }
  }

  private long now() {
    return PodReader.nanos(outside.now());
  }

  private void onBindingEnded(
      Held of, KnownPod pod, Instance instance, Choice choice, Binder.Outcome outcome) {
    bindings--;
    pod.binding = false;
    long startedNanos = choice.startedNanos;
    long waitedNanos = now() - instance.createdNanos();
    switch (outcome) {
      case BOUND -> {
        note(Decision.Kind.PLACED, pod, choice.node, waitedNanos, choice.how, "");
        recentWaits
            .computeIfAbsent(instance.priceClass(), _ -> new RecentWaits())
            .placed(waitedNanos, now());
      }
      case REFUSED ->
          note(
              Decision.Kind.BINDING_REFUSED,
              pod,
              choice.node,
              waitedNanos,
              null,
              "The API server refused the binding: the pod is gone, or has a node already.");
      case FAILED ->
          note(
              Decision.Kind.BINDING_FAILED,
              pod,
              choice.node,
              waitedNanos,
              null,
              "The API server did not take the binding; it is tried again, with the pod's age kept.");
    }
    metrics.bound(instance.priceClass(), outcome, now() - startedNanos);
    if (!of.open) {
      // The shard went to another replica meanwhile, or came back: who still waits begins anew.
      if (outcome != Binder.Outcome.BOUND && waiting.contains(pod)) {
        enter(pod);
      }
      return;
    }
    switch (outcome) {
      // The watch shows the pod on its node; until then it stays charged.
      case BOUND -> metrics.waited(instance.priceClass(), now() - instance.createdNanos());
      case REFUSED -> {
        of.shard.bindRefused(instance.uid());
        // The watch says what became of it; should it still wait then, it is taken up again.
        rechecks.add(new Recheck(pod, now() + RECHECK_NANOS));
      }
      case FAILED -> of.shard.bindFailed(instance.uid(), now());
    }
  }

  /** What is being bound: where to, why there, and since when. */
  private record Choice(String node, PlacementSink.How how, long startedNanos) {}

  /** Candidates of a poll that have not answered yet. */
  private record OpenPoll(
      Held of, long shardPollId, long takenNanos, long deadlineNanos, Set<String> awaited) {}

  /** A shard that is held here; carries out its decisions. */
  private final class Held implements PlacementSink {
    final int index;
    final Shard shard;
    boolean open = true;

    /** When the instance that is being decided about was taken from its queue. */
    long takenNanos;

    Held(int index, Shard shard) {
      this.index = index;
      this.shard = shard;
    }

    @Override
    public void considers(Instance instance) {
      takenNanos = System.nanoTime();
    }

    private void decided(Instance instance) {
      metrics.decided(instance.priceClass(), System.nanoTime() - takenNanos);
    }

    @Override
    public void bind(Instance instance, String node, How how) {
      if (how != How.PREEMPTED) {
        decided(instance);
      }
      KnownPod pod = pods.get(instance.uid());
      if (pod == null) {
        shard.bindRefused(instance.uid());
        return;
      }
      metrics.placed(instance.priceClass(), how);
      LOG.debugf("%s of class %s goes to %s (%s)", pod.ref, pod.priceClass, node, how);
      bindings++;
      pod.binding = true;
      pod.tried = true;
      var choice = new Choice(node, how, now());
      outside.bind(pod.ref, node, outcome -> onBindingEnded(this, pod, instance, choice, outcome));
    }

    @Override
    public void poll(long pollId, Instance instance, List<String> nodes) {
      KnownPod pod = pods.get(instance.uid());
      if (pod != null) {
        pod.tried = true;
      }
      long id = nextPollId++;
      var awaited = new HashSet<String>();
      for (String node : nodes) {
        if (outside.poll(node, id)) {
          awaited.add(node);
        } else {
          metrics.poll("unreachable");
        }
      }
      // With nobody to wait for the deadline is now: the answer must not come before this call has
      // ended.
      long deadline = awaited.isEmpty() ? now() : now() + options.pollDeadlineNanos();
      polls.put(id, new OpenPoll(this, pollId, takenNanos, deadline, awaited));
    }

    @Override
    public void preempt(Instance instance, String node, List<Victim> victims) {
      KnownPod pod = pods.get(instance.uid());
      if (pod == null) {
        return;
      }
      var names = new ArrayList<String>();
      for (Victim victim : victims) {
        KnownPod leaves = pods.get(victim.uid());
        if (leaves == null) {
          continue;
        }
        names.add("%s (%s)".formatted(leaves.ref, leaves.priceClass));
        metrics.preempted(pod.priceClass, leaves.priceClass);
        String because =
            "Evicted from node %s: pod %s of the dearer price class %s had no other room."
                .formatted(node, pod.ref, pod.priceClass);
        outside.evict(leaves.ref, eviction -> onEviction(leaves, node, eviction, because));
      }
      String why =
          names.isEmpty()
              ? "Goes to node %s as soon as pods that are ending there have left.".formatted(node)
              : "Goes to node %s as soon as these pods of cheaper classes have left: %s."
                  .formatted(node, String.join(", ", names));
      note(Decision.Kind.PREEMPTS, pod, node, now() - instance.createdNanos(), null, why);
      outside.nominated(pod.ref, node, why);
    }

    @Override
    public void promiseEnded(Instance instance, String node) {
      KnownPod pod = pods.get(instance.uid());
      if (pod != null) {
        // Said again though it may have been said before: this takes the promise off the pod.
        pod.said = "";
        say(
            pod,
            "PromiseEnded",
            "Node %s, which it was promised, has not got the room for it in time: it waits again."
                .formatted(node));
      }
    }

    private void onEviction(KnownPod leaves, String from, Outside.Eviction eviction, String why) {
      metrics.evicted(eviction);
      switch (eviction) {
        case LEAVES -> {
          note(Decision.Kind.EVICTED, leaves, from, 0, null, why);
          outside.preempted(leaves.ref, why);
        }
        case PROTECTED -> shard.stayed(leaves.ref.uid(), now() + PROTECTED_NANOS);
        case FAILED -> shard.stayed(leaves.ref.uid(), now() + EVICTION_RETRY_NANOS);
      }
    }

    @Override
    public void refused(Instance instance, Refusal refusal) {
      decided(instance);
      KnownPod pod = pods.get(instance.uid());
      if (pod != null) {
        say(pod, "FailedScheduling", refusal.message());
      }
    }
  }
}
