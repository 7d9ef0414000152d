package dev.fareway.node.daemon;

import dev.fareway.node.core.DispatcherPolicy;
import dev.fareway.node.core.EffectiveClasses;
import dev.fareway.node.core.Enforcement;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.InvocationClasses;
import dev.fareway.node.core.MemoryReading;
import dev.fareway.node.core.PodEvents;
import dev.fareway.node.core.PricedClass;
import dev.fareway.node.core.RealTimeGuard;
import dev.fareway.node.dispatcher.Dispatcher;
import dev.fareway.node.dispatcher.NodeStanding;
import dev.fareway.node.kubernetes.ApiClient;
import dev.fareway.node.kubernetes.EventWriter;
import dev.fareway.node.kubernetes.EvictionClient;
import dev.fareway.node.kubernetes.NodeConditionWriter;
import dev.fareway.node.kubernetes.NodeUsageClient;
import dev.fareway.node.kubernetes.NodeView;
import dev.fareway.node.linux.CapabilityProbe;
import dev.fareway.node.linux.CgroupWatch;
import dev.fareway.node.linux.KernelLimits;
import dev.fareway.node.linux.MachineScheduler;
import dev.fareway.node.linux.Memory;
import dev.fareway.node.linux.OwnPriority;
import dev.fareway.node.linux.PodCgroups;
import dev.fareway.node.linux.PodMemory;
import dev.fareway.node.linux.Rehearsal;
import dev.fareway.node.linux.SchedulingCalls;
import dev.fareway.node.meter.DryUsageStore;
import dev.fareway.node.meter.Metering;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The node daemon: puts dispatcher and machine scheduler together.
 *
 * <p>One thread, {@code enforcement}, owns the machine scheduler; watches only wake it.
 */
final class NodeDaemon {
  private static final Logger LOG = Logger.getLogger(NodeDaemon.class.getName());
  private static final long LOOK_SECONDS = 5;
  private static final int LOOKED_AT_ONCE = 8;
  private static final long GUARD_MILLIS = 250;
  private static final long AGAIN_SECONDS = 20;
  private static final long CALM_MILLIS = 1000;

  private final Options options;
  private final ApiClient client;
  private final SchedulingCalls calls = new SchedulingCalls();
  private volatile Enforcement enforcement;
  private final CapabilityProbe probe;
  private final MachineScheduler scheduler;
  private final NodeView view;
  private final Dispatcher dispatcher;
  private final Metering metering;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("enforcement").daemon().factory());
  private final ScheduledExecutorService reports =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("reports").daemon().factory());
  private final Looks looks = new Looks(thread, this::findsNothing);
  private final OwnPriority ownPriority;
  private final RealTimeSampler sampler;
  private final AtomicBoolean syncQueued = new AtomicBoolean();
  private final Set<String> inForce = new HashSet<>();
  private final EffectiveClasses classes = new EffectiveClasses();
  private @Nullable CgroupWatch watch;
  private @Nullable StatusPage status;
  private @Nullable EventWriter events;
  private @Nullable MemoryLoop memory;
  private @Nullable Rehearsal rehearsal;

  /** In the classes that they run in, once they are known; replaced as a whole. */
  private volatile Optional<Map<String, FunctionPod>> functions = Optional.empty();

  private volatile Set<String> functionUids = Set.of();
  private volatile String metrics = "";

  /** Those that are still to be looked at, of all; null: no such look is under way. */
  private @Nullable Iterator<String> looking;

  NodeDaemon(Options options, ApiClient client) {
    this.options = options;
    this.client = client;
    this.probe = new CapabilityProbe(calls);
    this.ownPriority = new OwnPriority(calls);
    this.sampler = new RealTimeSampler(options.dryRun ? () -> {} : ownPriority::raiseLess);
    this.enforcement = choose();
    this.scheduler =
        new MachineScheduler(
            new PodCgroups(options.cgroupRoot),
            calls,
            enforcement,
            options.dryRun,
            new RealTimeGuard(
                RealTimeGuard.limit(KernelLimits.realTimeShare(), options.systemReserve / 100.0)));
    this.view = new NodeView(client, options.nodeName(), this::wake);
    this.metering =
        new Metering(
            options.cgroupRoot,
            options.dryRun ? new DryUsageStore() : new NodeUsageClient(client, options.nodeName()),
            Clock.systemUTC(),
            new Metering.Options(options.memoryPrice(), options.usageInterval, options.dryRun));
    this.dispatcher =
        new Dispatcher(
            options.nodeName(),
            Options.version(),
            options.operatorAccess(),
            this::load,
            this::standing,
            new DispatcherPolicy.Options(options.idleMemoryBytes(), 3, TimeUnit.SECONDS.toNanos(1)),
            new Inherited(),
            new SplittableRandom());
  }

  private Enforcement choose() {
    return Enforcement.choose(options.mode.mode(), probe.probe(options.cgroupRoot));
  }

  void start() throws IOException {
    LOG.log(
        Level.INFO,
        "Enforcement on node {0}: {1}. {2}",
        new Object[] {options.nodeName(), reason(), enforcement.message()});
    if (!options.dryRun) {
      ownPriority.raiseCollector();
      thread.execute(ownPriority::raise);
    }
    view.start();
    if (new PodCgroups(options.cgroupRoot).problem().isEmpty()) {
      metering.start();
      watch =
          new CgroupWatch(
              options.cgroupRoot,
              new Seen(),
              () -> {
                if (!options.dryRun) {
                  ownPriority.raise();
                }
              });
    }
    EventWriter writer = new EventWriter(client, options.nodeName(), Clock.systemUTC());
    events = writer;
    if (options.memory == Options.Switch.On && enforcement.kind() != Enforcement.Kind.OFF) {
      memory =
          new MemoryLoop(
              options.nodeName(),
              options.memoryOptions(),
              new PodMemory(options.cgroupRoot),
              writer,
              new EvictionClient(client),
              () -> functions,
              view::highestRank,
              options.dryRun);
      memory.start();
    }
    var _ = thread.scheduleWithFixedDelay(this::look, 0, LOOK_SECONDS, TimeUnit.SECONDS);
    var _ =
        thread.scheduleWithFixedDelay(
            this::guard, GUARD_MILLIS, GUARD_MILLIS, TimeUnit.MILLISECONDS);
    if (enforcement.mayImprove()) {
      var _ =
          thread.scheduleWithFixedDelay(
              () -> safely(this::tryAgain), AGAIN_SECONDS, AGAIN_SECONDS, TimeUnit.SECONDS);
    }
    report(0);
    if (!options.operators.isEmpty()) {
      dispatcher.start();
    }
    if (options.statusPort != 0) {
      status =
          new StatusPage(options.statusAddress, options.statusPort, view::isSynced, this::metrics);
    }
  }

  /** Ends everything and puts back what was changed. */
  void stop() throws InterruptedException {
    if (watch != null) {
      watch.close();
    }
    sampler.close();
    dispatcher.stop();
    view.close();
    metering.stop();
    thread.execute(
        () -> {
          if (rehearsal != null) {
            rehearsal.close();
          }
          scheduler.restoreAll();
          // Here, and not after: a look that is still to come would enforce anew.
          thread.shutdownNow();
        });
    if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
      LOG.warning("Not everything was put back in time");
    }
    if (memory != null) {
      memory.stop();
    }
    if (events != null) {
      events.close();
    }
    reports.shutdownNow();
    if (status != null) {
      status.close();
    }
    LOG.info("Put back what was changed, and ended");
  }

  private String metrics() {
    return metrics + metering.metrics() + (memory == null ? "" : memory.metrics());
  }

  private String reason() {
    return enforcement.kind().isInForce() && options.dryRun
        ? "DryRun"
        : enforcement.kind().reason();
  }

  private Dispatcher.NodeLoad load() {
    try {
      return new Dispatcher.NodeLoad(Memory.availableBytes(), functionUids);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "The node's memory can't be read: {0}", e.getMessage());
      return new Dispatcher.NodeLoad(0, functionUids);
    }
  }

  private Optional<NodeStanding> standing() {
    try {
      MemoryReading now = Memory.read(false);
      MemoryLoop managed = memory;
      return Optional.of(
          new NodeStanding(
              now.totalBytes(),
              now.availableBytes(),
              managed == null ? "" : managed.state(),
              now.swapTotalBytes(),
              now.swapTotalBytes() - now.swapFreeBytes(),
              managed == null ? 0 : managed.swappedBytes()));
    } catch (IOException e) {
      LOG.log(Level.FINE, "The node's memory can't be read", e);
      return Optional.empty();
    }
  }

  /** Something has changed in the view: taken in once, however often it is said meanwhile. */
  private void wake() {
    if (!thread.isShutdown() && syncQueued.compareAndSet(false, true)) {
      thread.execute(
          () -> {
            syncQueued.set(false);
            safely(this::sync);
          });
    }
  }

  private void sync() {
    Map<String, FunctionPod> pods = view.functionPods();
    for (String uid : Set.copyOf(inForce)) {
      if (!pods.containsKey(uid)) {
        scheduler.remove(uid);
        inForce.remove(uid);
        classes.forget(uid);
      }
    }
    long now = System.nanoTime();
    var effective = new HashMap<String, FunctionPod>();
    for (FunctionPod own : pods.values()) {
      FunctionPod pod = classes.effective(own, now);
      effective.put(pod.uid(), pod);
      if (inForce.add(pod.uid())) {
        scheduler.put(pod);
        looks.told(new Looks.Subject(pod.uid(), null));
      } else {
        scheduler.put(pod);
      }
    }
    metering.put(effective);
    if (view.isSynced()) {
      functions = Optional.of(effective);
      rehearse();
    }
    if (!functionUids.equals(pods.keySet())) {
      functionUids = Set.copyOf(pods.keySet());
      dispatcher.loadChanged();
    }
  }

  /** Takes in what activators say of running invocations; see {@link EffectiveClasses#raise}. */
  private final class Inherited implements InvocationClasses {
    @Override
    public void raise(String uid, String holder, String priceClass, long forNanos) {
      onThread(
          () -> {
            Optional<PricedClass> to = view.priceClass(priceClass);
            if (to.isEmpty() || !inForce.contains(uid)) {
              return;
            }
            long now = System.nanoTime();
            classes.raise(uid, holder, to.get(), now, forNanos);
            reclassify(uid, now);
            // A little later than it is over, so that it is over when it is looked at.
            var _ =
                thread.schedule(
                    () -> safely(NodeDaemon.this::expire),
                    Math.min(forNanos, EffectiveClasses.MAX_NANOS) + 1_000_000,
                    TimeUnit.NANOSECONDS);
          });
    }

    @Override
    public void lower(String uid, String holder) {
      onThread(
          () -> {
            classes.lower(uid, holder);
            reclassify(uid, System.nanoTime());
          });
    }
  }

  private void expire() {
    long now = System.nanoTime();
    classes.expire(now).forEach(uid -> reclassify(uid, now));
  }

  private void reclassify(String uid, long now) {
    FunctionPod own = view.functionPods().get(uid);
    if (own != null && inForce.contains(uid)) {
      FunctionPod pod = classes.effective(own, now);
      metering.put(pod);
      scheduler.put(pod);
      functions =
          functions.map(
              before -> {
                var changed = new HashMap<>(before);
                changed.put(uid, pod);
                return changed;
              });
    }
  }

  /** After what is there has been enforced: that comes first, and so does the rest of the start. */
  private void rehearse() {
    if (rehearsal == null && enforcement.kind().isInForce() && !options.dryRun) {
      Rehearsal only = new Rehearsal(options.cgroupRoot, calls, enforcement);
      rehearsal = only;
      var _ =
          thread.schedule(() -> safely(() -> rehearse(only)), CALM_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void rehearse(Rehearsal of) {
    if (of.part()) {
      onThread(() -> rehearse(of));
    } else {
      of.close();
    }
  }

  private void onThread(Runnable step) {
    if (!thread.isShutdown()) {
      thread.execute(() -> safely(step));
    }
  }

  private boolean findsNothing(Looks.Subject subject) {
    Path container = subject.container();
    try {
      if (container != null) {
        return scheduler.look(subject.uid(), container) == 0;
      }
      scheduler.look(subject.uid());
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "A look at a pod failed; going on with the next", e);
    }
    return false;
  }

  /** Takes in what the watch has seen. */
  private final class Seen implements CgroupWatch.Sightings {
    @Override
    public void seen(String uid, Path cgroup) {
      boolean pod = PodCgroups.podUid(cgroup).isPresent();
      looks.told(new Looks.Subject(uid, pod ? null : cgroup));
      metering.changed(uid);
    }

    @Override
    public void gone(String uid) {
      metering.changed(uid);
    }
  }

  /** At all pods, a few at a time: who is new does not wait for those that are as they were. */
  private void look() {
    safely(
        () -> {
          if (looking == null) {
            sync();
            looking = scheduler.uids().iterator();
            lookOn();
          }
        });
  }

  private void lookOn() {
    Iterator<String> left = looking;
    if (left == null) {
      return;
    }
    for (int i = 0; i < LOOKED_AT_ONCE && left.hasNext(); i++) {
      String uid = left.next();
      safely(() -> scheduler.look(uid));
    }
    if (left.hasNext()) {
      onThread(this::lookOn);
      return;
    }
    looking = null;
    metrics =
        Metrics.render(
            Options.version(),
            reason(),
            scheduler.podCount(),
            scheduler.throttledCount(),
            scheduler.changes(),
            scheduler.failures(),
            scheduler.realTimeFloor());
  }

  /** Cgroups that could not be written may be by now. */
  private void tryAgain() {
    if (!enforcement.mayImprove()) {
      return;
    }
    Enforcement found = choose();
    if (!found.mayImprove()) {
      enforcement = found;
      LOG.log(
          Level.INFO,
          "Enforcement on node {0} is now {1}. {2}",
          new Object[] {options.nodeName(), reason(), found.message()});
      scheduler.use(found);
      report(0);
    }
  }

  /** On the thread of enforcement, which does not wait until the sample is taken. */
  private void guard() {
    safely(
        () -> {
          if (sampler.isBusy()) {
            return;
          }
          sampler.sample(
              scheduler.sampled(),
              use ->
                  onThread(
                      () -> {
                        if (scheduler.guard(use)) {
                          tellOfGuard();
                        }
                      }));
        });
  }

  private void tellOfGuard() {
    EventWriter writer = events;
    if (writer != null && !options.dryRun) {
      for (FunctionPod pod : scheduler.offRealTime()) {
        writer.record(
            pod.ref(),
            PodEvents.Type.WARNING,
            "TakenOffRealTime",
            "Class %s used more of a CPU of node %s than real time may: it runs by weight there until it fits."
                .formatted(pod.priceClass().name(), options.nodeName()));
      }
    }
  }

  /**
   * Says on the Node what is in force; again and again until the API server takes it, with growing
   * pauses.
   */
  private void report(int failures) {
    if (reports.isShutdown()) {
      return;
    }
    long wait = failures == 0 ? 0 : Math.min(60_000, 500L << Math.min(failures, 10));
    var _ =
        reports.schedule(
            () -> {
              try {
                new NodeConditionWriter(client, options.nodeName(), Clock.systemUTC())
                    .write(
                        enforcement.kind().isInForce() && !options.dryRun,
                        reason(),
                        enforcement.message());
              } catch (IOException e) {
                if (failures == 0) {
                  LOG.log(
                      Level.WARNING,
                      "The node''s condition is not yet written, trying again: {0}",
                      e.getMessage());
                }
                report(failures + 1);
              }
            },
            wait,
            TimeUnit.MILLISECONDS);
  }

  private static void safely(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "A step failed; going on with the next", e);
    }
  }
}
