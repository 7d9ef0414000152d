package dev.fareway.node.daemon;

import dev.fareway.node.core.FunctionMemory;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.LastRan;
import dev.fareway.node.core.MemoryAction;
import dev.fareway.node.core.MemoryDecision;
import dev.fareway.node.core.MemoryManager;
import dev.fareway.node.core.MemoryOptions;
import dev.fareway.node.core.MemoryReading;
import dev.fareway.node.core.MemoryState;
import dev.fareway.node.core.PodEvents;
import dev.fareway.node.core.PodEvictions;
import dev.fareway.node.linux.Memory;
import dev.fareway.node.linux.OwnMemory;
import dev.fareway.node.linux.PodMemory;
import dev.fareway.node.linux.StallWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The memory manager's thread: reads, asks the {@link MemoryManager}, does what it says, and tells
 * it what became of that.
 *
 * <p>While much memory is available only {@code /proc/meminfo} is read; pods are looked at when it
 * gets less, and every few seconds.
 */
final class MemoryLoop {
  private static final Logger LOG = Logger.getLogger(MemoryLoop.class.getName());
  private static final long MILLI = 1_000_000;
  private static final long CALM_PAUSE = 250 * MILLI;
  private static final long WATCHFUL_PAUSE = 50 * MILLI;
  private static final long NO_PAUSE = MILLI;
  private static final long LOOK_PERIOD = 5_000 * MILLI;
  private static final long STALLED_FOR = 2_000 * MILLI;
  private static final long PUSH_DEADLINE = 500 * MILLI;
  private static final long SAY_PERIOD = 60_000 * MILLI;
  private static final long STOP_SECONDS = 8;

  private final String node;
  private final MemoryOptions options;
  private final MemoryManager manager;
  private final PodMemory memory;
  private final PodEvents events;
  private final PodEvictions evictions;
  private final Supplier<Optional<Map<String, FunctionPod>>> functions;
  private final Supplier<Integer> highestRank;
  private final boolean dryRun;
  private final LastRan lastRan = new LastRan();
  private final MemoryFigures figures = new MemoryFigures();
  private final Thread thread = Thread.ofPlatform().name("memory").daemon().unstarted(this::run);
  private final ExecutorService asking =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("evictions").daemon().factory());
  private final Queue<String> notEvicted = new ConcurrentLinkedQueue<>();
  private final Set<String> managed = new HashSet<>();
  private Map<String, Path> directories = Map.of();
  private @Nullable StallWatch stalls;
  private volatile long stalledAt = System.nanoTime() - STALLED_FOR;
  private volatile boolean stopped;
  private long lookedAt = System.nanoTime() - LOOK_PERIOD;
  private long saidAt = System.nanoTime() - SAY_PERIOD;
  private long availableThen;
  private MemoryState stateThen = MemoryState.NORMAL;
  private boolean busy;

  /**
   * A loop that is not yet started.
   *
   * @param functions this node's function pods in the classes that they run in, by UID; empty until
   *     they are known
   * @param highestRank of all classes
   */
  MemoryLoop(
      String node,
      MemoryOptions options,
      PodMemory memory,
      PodEvents events,
      PodEvictions evictions,
      Supplier<Optional<Map<String, FunctionPod>>> functions,
      Supplier<Integer> highestRank,
      boolean dryRun) {
    this.node = node;
    this.options = options;
    this.manager = new MemoryManager(options);
    this.memory = memory;
    this.events = events;
    this.evictions = evictions;
    this.functions = functions;
    this.highestRank = highestRank;
    this.dryRun = dryRun;
  }

  void start() {
    Optional<String> problem = memory.problem();
    if (problem.isPresent()) {
      LOG.log(Level.INFO, "Memory of functions is not managed: {0}.", problem.get());
      return;
    }
    try {
      stalls =
          new StallWatch(
              () -> {
                stalledAt = System.nanoTime();
                figures.stalled();
                LockSupport.unpark(thread);
              });
    } catch (IOException e) {
      LOG.log(Level.INFO, "Memory is watched by watermarks alone: {0}.", e.getMessage());
    }
    if (!OwnMemory.lock()) {
      LOG.fine("The daemon's own memory is not locked: it has no CAP_IPC_LOCK");
    }
    figures.manage();
    LOG.log(
        Level.INFO,
        "Memory of functions is managed: swapped below {0} MiB available up to {1} MiB, cheapest class first.",
        new Object[] {options.lowBytes() >> 20, options.highBytes() >> 20});
    thread.start();
  }

  /** Ends, and puts back what was changed. */
  void stop() throws InterruptedException {
    stopped = true;
    if (stalls != null) {
      stalls.close();
    }
    LockSupport.unpark(thread);
    thread.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
    asking.shutdownNow();
    memory.close();
  }

  /** See {@link MemoryFigures#state}. */
  String state() {
    return figures.state();
  }

  /** Functions' memory in swap. */
  long swappedBytes() {
    return figures.swappedBytes();
  }

  /** Metrics in Prometheus' text format. */
  String metrics() {
    return figures.render();
  }

  private void run() {
    try {
      while (!stopped) {
        long pause = CALM_PAUSE;
        try {
          pause = step(System.nanoTime());
        } catch (IOException | RuntimeException e) {
          LOG.log(Level.WARNING, "A step of the memory manager failed; going on", e);
        }
        if (!stopped) {
          LockSupport.parkNanos(pause);
        }
      }
      if (!dryRun) {
        memory.pods().values().forEach(memory::restore);
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "Memory settings are not put back: {0}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One step; how long to wait for the next. */
  private long step(long now) throws IOException, InterruptedException {
    Optional<Map<String, FunctionPod>> known = functions.get();
    if (known.isEmpty()) {
      return CALM_PAUSE;
    }
    Map<String, FunctionPod> pods = known.get();
    MemoryReading reading = Memory.read(now - stalledAt < STALLED_FOR);
    boolean plenty = reading.availableBytes() >= 2 * options.highBytes();
    if (!busy
        && manager.state() == MemoryState.NORMAL
        && now - lookedAt < LOOK_PERIOD
        && reading.availableBytes() >= options.highBytes()
        && Math.abs(reading.availableBytes() - availableThen) < options.stepBytes()) {
      return plenty ? CALM_PAUSE : WATCHFUL_PAUSE;
    }
    boolean periodic = now - lookedAt >= LOOK_PERIOD;
    var held = look(pods, now);
    for (String uid = notEvicted.poll(); uid != null; uid = notEvicted.poll()) {
      manager.notEvicted(uid);
    }
    MemoryDecision decision = manager.decide(reading, held, now);
    availableThen = reading.availableBytes();
    say(decision, reading, now);
    figures.take(decision, held, pods);
    if (!dryRun) {
      settle(pods, decision, reading, periodic);
    }
    if (periodic) {
      lookedAt = now;
      memory.tidy();
    }
    busy = !decision.actions().isEmpty() || decision.state() == MemoryState.CRITICAL;
    for (MemoryAction action : decision.actions()) {
      FunctionPod pod = pods.get(action.uid());
      Path directory = directories.get(action.uid());
      if (pod != null && directory != null) {
        act(action, pod, directory);
      }
    }
    boolean pushes =
        decision.actions().stream().anyMatch(action -> action instanceof MemoryAction.PushOut);
    return pushes && !dryRun ? NO_PAUSE : plenty && !busy ? CALM_PAUSE : WATCHFUL_PAUSE;
  }

  /** What each function holds now. */
  private List<FunctionMemory> look(Map<String, FunctionPod> pods, long now) throws IOException {
    directories = memory.pods();
    var held = new ArrayList<FunctionMemory>();
    for (FunctionPod pod : pods.values()) {
      Path directory = directories.get(pod.uid());
      Optional<PodMemory.Sample> sample =
          directory == null ? Optional.empty() : memory.sample(directory);
      sample.ifPresent(
          of ->
              held.add(
                  new FunctionMemory(
                      pod.uid(),
                      pod.standing().rank(),
                      pod.priceClass().swappable(),
                      !pod.livenessProbed(),
                      of.residentBytes(),
                      of.swappedBytes(),
                      lastRan.note(pod.uid(), of.cpuMicros(), now))));
    }
    lastRan.retain(pods.keySet());
    return held;
  }

  /** Who may be swapped, and in which order the kernel kills; what is no function is put back. */
  private void settle(
      Map<String, FunctionPod> pods,
      MemoryDecision decision,
      MemoryReading reading,
      boolean periodic) {
    for (Map.Entry<String, Path> of : directories.entrySet()) {
      FunctionPod pod = pods.get(of.getKey());
      if (pod == null) {
        // Also what a daemon that crashed has left.
        if (managed.remove(of.getKey()) || periodic) {
          memory.restore(of.getValue());
        }
        continue;
      }
      boolean isNew = managed.add(pod.uid());
      if (isNew) {
        memory.thawLeftOver(of.getValue());
      }
      if (reading.swapTotalBytes() > 0) {
        memory.allowSwap(
            pod,
            of.getValue(),
            decision.maySwap(pod.standing().rank(), pod.priceClass().swappable()));
      }
      if (periodic || isNew) {
        memory.score(pod, of.getValue(), highestRank.get());
      }
    }
    managed.retainAll(directories.keySet());
  }

  private void act(MemoryAction action, FunctionPod pod, Path directory)
      throws InterruptedException {
    if (dryRun) {
      LOG.log(Level.FINE, "Would do: {0}", action);
      return;
    }
    switch (action) {
      case MemoryAction.PushOut push -> {
        long got = memory.pushOut(directory, push.bytes(), push.frozen(), PUSH_DEADLINE);
        long resident = memory.sample(directory).map(PodMemory.Sample::residentBytes).orElse(0L);
        manager.pushedOut(push.uid(), push.bytes(), got, resident, System.nanoTime());
        figures.pushedOut(got);
        if (got > 0) {
          events.record(
              pod.ref(),
              PodEvents.Type.NORMAL,
              "SwappedOut",
              "Node %s runs short of memory, and of those that have some left class %s is the cheapest."
                  .formatted(node, pod.priceClass().name()));
        }
      }
      case MemoryAction.BringBack back -> {
        long got = memory.bringBack(directory, back.bytes());
        manager.broughtBack(back.uid(), back.bytes(), got, System.nanoTime());
        figures.broughtBack(got);
      }
      case MemoryAction.Evict evict -> {
        figures.evicted();
        LOG.log(
            Level.WARNING,
            "Evicting pod {0} of class {1}: no memory is left",
            new Object[] {pod.ref(), pod.priceClass().name()});
        asking.execute(() -> evict(pod, evict.graceSeconds()));
      }
      case MemoryAction.Kill _ -> kill(pod, directory);
    }
  }

  private void evict(FunctionPod pod, long graceSeconds) {
    switch (evictions.evict(pod.ref(), OptionalLong.of(graceSeconds))) {
      case PodEvictions.Outcome.Accepted() ->
          events.record(
              pod.ref(),
              PodEvents.Type.WARNING,
              "EvictedForMemory",
              "Node %s is out of memory and of what can be swapped, and class %s is the cheapest on it."
                  .formatted(node, pod.priceClass().name()));
      case PodEvictions.Outcome.Gone() -> {}
      case PodEvictions.Outcome.Refused(String why) -> refused(pod, why);
      case PodEvictions.Outcome.Failed(String why) -> refused(pod, why);
    }
  }

  private void refused(FunctionPod pod, String why) {
    LOG.log(Level.WARNING, "Pod {0} is not evicted: {1}", new Object[] {pod.ref(), why});
    notEvicted.add(pod.uid());
    LockSupport.unpark(thread);
  }

  private void kill(FunctionPod pod, Path directory) {
    try {
      int cgroups = memory.kill(pod, directory);
      figures.killed();
      LOG.log(
          Level.WARNING,
          "Killed pod {0} of class {1} ({2} containers): an eviction was too slow",
          new Object[] {pod.ref(), pod.priceClass().name(), cgroups});
      events.record(
          pod.ref(),
          PodEvents.Type.WARNING,
          "KilledForMemory",
          "Node %s was out of memory, class %s is the cheapest on it, and an eviction was too slow."
              .formatted(node, pod.priceClass().name()));
    } catch (IOException e) {
      LOG.log(
          Level.WARNING, "Pod {0} is not killed: {1}", new Object[] {pod.ref(), e.getMessage()});
    }
  }

  /** A node may go back and forth all day: that is said once a minute, the worst always. */
  private void say(MemoryDecision decision, MemoryReading reading, long now) {
    if (decision.state() == stateThen) {
      return;
    }
    stateThen = decision.state();
    boolean worst = decision.state() == MemoryState.CRITICAL;
    boolean again = now - saidAt < SAY_PERIOD;
    if (!again) {
      saidAt = now;
    }
    LOG.log(
        worst ? Level.WARNING : again ? Level.FINE : Level.INFO,
        "Memory is in state {0}: {1} MiB available, {2} of {3} MiB of swap free",
        new Object[] {
          decision.state(),
          reading.availableBytes() >> 20,
          reading.swapFreeBytes() >> 20,
          reading.swapTotalBytes() >> 20
        });
  }
}
