package dev.fareway.node.linux;

import dev.fareway.node.core.Enforcement;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.PodShare;
import dev.fareway.node.core.RealTimeGuard;
import dev.fareway.node.core.ThreadPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Gives every thread of a function pod the policy of its class, and takes it back.
 *
 * <p>Only threads in the cgroups of pods that it was told of are touched; the pause container is
 * left alone. Threads that are born later inherit their parent's policy, so a pass is repeated only
 * until it finds nothing new. Not thread-safe: the daemon's enforcement thread owns it.
 */
public final class MachineScheduler {
  private static final Logger LOG = Logger.getLogger(MachineScheduler.class.getName());
  private static final int MAX_PASSES = 20;
  private static final String WEIGHT = "cpu.weight";
  private static final String IDLE = "cpu.idle";
  private static final String SIDECAR = "queue-proxy";

  private final PodCgroups cgroups;
  private final SchedulingCalls calls;
  private Enforcement enforcement;
  private final boolean dryRun;
  private final Map<String, FunctionPod> pods = new HashMap<>();

  /** What each touched thread had before, by pod: to put it back. */
  private final Map<String, Map<Integer, ThreadState>> originals = new HashMap<>();

  private final CgroupSettings settings = new CgroupSettings();
  private final CpuCeilings ceilings = new CpuCeilings(settings);
  private final Set<String> complainedOf = new HashSet<>();
  private final Map<String, Path> directories = new HashMap<>();
  private final RealTimeGuard guard;
  private final CpuTime cpuTime;
  private long changes;
  private long failures;

  public MachineScheduler(
      PodCgroups cgroups, SchedulingCalls calls, Enforcement enforcement, boolean dryRun) {
    this(cgroups, calls, enforcement, dryRun, new RealTimeGuard());
  }

  /** With a guard of the caller's. */
  public MachineScheduler(
      PodCgroups cgroups,
      SchedulingCalls calls,
      Enforcement enforcement,
      boolean dryRun,
      RealTimeGuard guard) {
    this(cgroups, calls, enforcement, dryRun, guard, new CpuTime(Path.of("/proc/stat")));
  }

  MachineScheduler(
      PodCgroups cgroups,
      SchedulingCalls calls,
      Enforcement enforcement,
      boolean dryRun,
      RealTimeGuard guard,
      CpuTime cpuTime) {
    this.guard = guard;
    this.cpuTime = cpuTime;
    this.cgroups = cgroups;
    this.calls = calls;
    this.enforcement = enforcement;
    this.dryRun = dryRun;
  }

  /** A function pod is on this node, or has changed. */
  public void put(FunctionPod pod) {
    FunctionPod previous = pods.put(pod.uid(), pod);
    if (!pod.equals(previous)) {
      enforce(pod.uid());
    }
  }

  /** A pod is no function any more, or gone: what it has left gets back what it had. */
  public void remove(String uid) {
    var _ = restore(uid);
    pods.remove(uid);
    complainedOf.remove(uid);
    Path directory = directories.remove(uid);
    if (directory != null) {
      settings.gone(directory);
      ceilings.gone(directory);
    }
  }

  /** Something may have changed in a pod's cgroups. */
  public void look(String uid) {
    enforce(uid);
  }

  /**
   * The same in one container alone.
   *
   * @param container its cgroup
   * @return how many threads were found there, of a pod that is known
   */
  public int look(String uid, Path container) {
    FunctionPod pod = pods.get(uid);
    if (pod == null || !enforcement.kind().isInForce()) {
      return 0;
    }
    Path directory = directories.computeIfAbsent(uid, _ -> podOf(container));
    var alive = new HashSet<Integer>();
    try {
      for (int pass = 0; pass < MAX_PASSES; pass++) {
        if (enforce(pod, directory, container, alive) == 0 || dryRun) {
          break;
        }
      }
    } catch (IOException e) {
      failed(pod, e);
    }
    return alive.size();
  }

  private static Path podOf(Path container) {
    Path at = container;
    while (at.getParent() != null && PodCgroups.podUid(at).isEmpty()) {
      at = at.getParent();
    }
    return at;
  }

  /** The pods that are looked after now. */
  public Set<String> uids() {
    return Set.copyOf(pods.keySet());
  }

  /** Looks at all pods: the net under the watches. */
  void enforceAll() {
    Set.copyOf(pods.keySet()).forEach(this::enforce);
  }

  /** Gives back what every thread had. */
  public void restoreAll() {
    for (String uid : Set.copyOf(pods.keySet())) {
      var _ = restore(uid);
    }
  }

  /**
   * Puts back what a daemon before this one left of a pod, judged by what is found; see {@link
   * ThreadState#original}.
   *
   * @return whether all of it could be; true also for a pod that has no cgroup any more
   */
  public boolean restoreLeft(FunctionPod pod) {
    try {
      Optional<Path> found = cgroups.find(pod.uid());
      if (found.isEmpty()) {
        return true;
      }
      Path directory = found.get();
      var known = new HashMap<Integer, ThreadState>();
      for (Path container : PodCgroups.containers(directory)) {
        String name = PodCgroups.containerId(container).map(pod.containerNames()::get).orElse("");
        ThreadPolicy left =
            enforcement.threadPolicy(pod.standing(), SIDECAR.equals(name), guard.floor());
        for (int tid : PodCgroups.threads(container)) {
          try {
            known.put(tid, calls.get(tid).original(left));
          } catch (SchedulingCalls.Refused e) {
            // Ended meanwhile, or told of when it is put back.
            LOG.log(Level.FINE, "Thread {0} is not read: {1}", new Object[] {tid, e.getMessage()});
          }
        }
      }
      pods.put(pod.uid(), pod);
      directories.put(pod.uid(), directory);
      originals.put(pod.uid(), known);
      return restore(pod.uid());
    } catch (IOException e) {
      LOG.log(
          Level.WARNING, "Pod {0} is not put back: {1}", new Object[] {pod.ref(), e.getMessage()});
      return false;
    }
  }

  /** From now on something else is in force. */
  public void use(Enforcement other) {
    restoreAll();
    enforcement = other;
    enforceAll();
  }

  /** How many threads' policies and pods' weights were set, or would have been. */
  public long changes() {
    return changes;
  }

  /** How many could not be set. */
  public long failures() {
    return failures;
  }

  /** How many pods are looked after. */
  public int podCount() {
    return pods.size();
  }

  /** How many pods are held to less CPU by a budget. */
  public int throttledCount() {
    return (int) pods.values().stream().filter(p -> p.budget().cpuMillis().isPresent()).count();
  }

  /** Threads of a pod that have their policy now. */
  public int threadCount(String uid) {
    return originals.getOrDefault(uid, Map.of()).size();
  }

  /**
   * The pods whose use of real time is to be sampled now: none while all use together is below what
   * real time may use, for then nobody's own can be above.
   */
  public List<RealTimeUse.RankedPod> sampled() {
    if (enforcement.kind() != Enforcement.Kind.REAL_TIME) {
      return List.of();
    }
    double busy = cpuTime.busiestShare();
    if (guard.floor() == 0 && busy < guard.limit()) {
      return List.of();
    }
    var ranked = new ArrayList<RealTimeUse.RankedPod>();
    for (FunctionPod pod : pods.values()) {
      Path directory = directories.get(pod.uid());
      if (pod.standing().realtimePriority().isPresent() && directory != null) {
        ranked.add(new RealTimeUse.RankedPod(pod.uid(), pod.standing().rank(), directory));
      }
    }
    return ranked;
  }

  /**
   * Takes in a sample of what the classes on real time use, and takes one off or puts it back.
   *
   * @param sample the share of each CPU that each rank used, of {@link #sampled}
   * @return whether one was
   */
  public boolean guard(List<Map<Integer, Double>> sample) {
    if (guard.sample(sample)) {
      LOG.log(
          Level.WARNING,
          "Real time now starts at rank {0}: a class is taken off before its use of a CPU nears the kernel''s"
              + " limit, and put back when it fits",
          guard.floor());
      enforceAll();
      return true;
    }
    return false;
  }

  /** The pods that the guard keeps off real time now. */
  public List<FunctionPod> offRealTime() {
    return pods.values().stream()
        .filter(pod -> pod.standing().realtimePriority().isPresent())
        .filter(pod -> pod.standing().rank() < guard.floor())
        .toList();
  }

  /** The lowest rank that is on real time now. */
  public int realTimeFloor() {
    return guard.floor();
  }

  private void enforce(String uid) {
    FunctionPod pod = pods.get(uid);
    if (pod == null || !enforcement.kind().isInForce()) {
      return;
    }
    try {
      Path directory = directories.get(uid);
      if (directory == null || !Files.isDirectory(directory)) {
        Optional<Path> found = cgroups.find(uid);
        if (found.isEmpty()) {
          return;
        }
        directory = found.get();
        directories.put(uid, directory);
      }
      share(pod, directory);
      hold(pod, directory);
      var alive = new HashSet<Integer>();
      for (int pass = 0; pass < MAX_PASSES; pass++) {
        int changed = 0;
        alive.clear();
        for (Path container : PodCgroups.containers(directory)) {
          changed += enforce(pod, directory, container, alive);
        }
        if (changed == 0 || dryRun) {
          break;
        }
      }
      Map<Integer, ThreadState> known = originals.get(uid);
      if (known != null) {
        known.keySet().retainAll(alive);
      }
    } catch (IOException e) {
      failed(pod, e);
    }
  }

  /** Gives the threads of one container their policy, and says how many did not have it. */
  private int enforce(FunctionPod pod, Path directory, Path container, Set<Integer> alive)
      throws IOException {
    int[] threads = PodCgroups.threads(container);
    if (threads.length == 0) {
      return 0;
    }
    if (PauseContainer.is(pod, container, threads)) {
      putBack(pod, threads);
      return 0;
    }
    String name = PodCgroups.containerId(container).map(pod.containerNames()::get).orElse("");
    ThreadPolicy wanted =
        enforcement.threadPolicy(pod.standing(), SIDECAR.equals(name), guard.floor());
    Map<Integer, ThreadState> known = originals.computeIfAbsent(pod.uid(), _ -> new HashMap<>());
    int changed = 0;
    for (int tid : threads) {
      alive.add(tid);
      try {
        ThreadState now = calls.get(tid);
        if (now.isReserved()) {
          continue;
        }
        ThreadState original = known.computeIfAbsent(tid, _ -> now.original(wanted));
        ThreadState state = original.under(wanted);
        if (!now.equals(state) && (dryRun || cgroups.holds(directory, container, tid))) {
          changes++;
          changed++;
          if (!dryRun) {
            calls.set(tid, state);
          }
        }
      } catch (SchedulingCalls.Refused e) {
        if (!e.isGone()) {
          failed(pod, e);
        }
      }
    }
    return changed;
  }

  /** A pause container is known by its name, which it has a moment after its process is there. */
  private void putBack(FunctionPod pod, int[] threads) {
    Map<Integer, ThreadState> known = originals.getOrDefault(pod.uid(), new HashMap<>());
    for (int tid : threads) {
      ThreadState original = known.remove(tid);
      if (original != null && !dryRun) {
        try {
          calls.set(tid, original);
        } catch (SchedulingCalls.Refused e) {
          LOG.log(e.isGone() ? Level.FINE : Level.WARNING, "Not put back: {0}", e.getMessage());
        }
      }
    }
  }

  private void share(FunctionPod pod, Path directory) {
    if (dryRun) {
      return;
    }
    try {
      switch (enforcement.podShare(pod.standing())) {
        case PodShare.Untouched() -> {}
        case PodShare.Idle() -> {
          if (Files.exists(directory.resolve(IDLE))) {
            // The kernel forgets the weight of an idle group, and shows 0.
            settings.remember(directory, WEIGHT, "0");
            count(settings.set(directory, IDLE, "1", "1"));
          } else {
            count(settings.set(directory, WEIGHT, "1", "1"));
          }
        }
        case PodShare.Weight(int value) -> {
          settings.restore(directory, IDLE);
          String weight = Integer.toString(value);
          count(settings.set(directory, WEIGHT, weight, weight));
        }
      }
    } catch (IOException e) {
      failed(pod, e);
    }
  }

  /**
   * Holds a pod to what its budgets leave it. In the cheapest class its threads are off real time:
   * the kernel holds only the normal scheduler to cpu.max.
   */
  private void hold(FunctionPod pod, Path directory) {
    if (!dryRun) {
      try {
        count(ceilings.hold(pod, directory));
      } catch (IOException e) {
        failed(pod, e);
      }
    }
  }

  private void count(boolean changed) {
    if (changed) {
      changes++;
    }
  }

  /** Said once per pod, counted always. */
  private void failed(FunctionPod pod, IOException e) {
    failures++;
    if (complainedOf.add(pod.uid())) {
      LOG.log(
          Level.WARNING,
          "Pod {0} is not fully enforced: {1}",
          new Object[] {pod.ref(), e.getMessage()});
    }
  }

  /** Whether all could be put back. */
  private boolean restore(String uid) {
    Map<Integer, ThreadState> known = originals.remove(uid);
    Path directory = directories.get(uid);
    FunctionPod pod = pods.get(uid);
    if (directory == null || pod == null || dryRun) {
      return true;
    }
    try {
      settings.restore(directory, IDLE);
      settings.restore(directory, WEIGHT);
      ceilings.restore(directory);
      if (known == null) {
        return true;
      }
      // Until a pass finds nothing: threads born meanwhile have inherited ours.
      for (int pass = 0; pass < MAX_PASSES; pass++) {
        int changed = 0;
        for (Path container : PodCgroups.containers(directory)) {
          if (!PauseContainer.is(pod, container)) {
            changed += restore(directory, container, known);
          }
        }
        if (changed == 0) {
          return true;
        }
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "Not put back in {0}: {1}", new Object[] {directory, e.getMessage()});
    }
    return false;
  }

  private int restore(Path directory, Path container, Map<Integer, ThreadState> known)
      throws IOException {
    int changed = 0;
    for (int tid : PodCgroups.threads(container)) {
      try {
        ThreadState now = calls.get(tid);
        if (now.isReserved()) {
          continue;
        }
        ThreadState original = known.getOrDefault(tid, now.original(new ThreadPolicy.Normal()));
        if (!now.equals(original) && cgroups.holds(directory, container, tid)) {
          calls.set(tid, original);
          changed++;
        }
      } catch (SchedulingCalls.Refused e) {
        LOG.log(e.isGone() ? Level.FINE : Level.WARNING, "Not put back: {0}", e.getMessage());
      }
    }
    return changed;
  }
}
