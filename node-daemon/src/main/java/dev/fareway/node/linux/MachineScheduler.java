package dev.fareway.node.linux;

import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.Enforcement;
import dev.fareway.node.core.RealTimeGuard;
import dev.fareway.node.core.ThreadPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
  private static final String SIDECAR = "queue-proxy";

  /**
   * A function pod of this node.
   *
   * @param name namespace and name, for logs
   * @param standing of its class
   * @param containerNames names by container id, as far as the kubelet has told
   */
  public record FunctionPod(
      String uid, String name, ClassStanding standing, Map<String, String> containerNames) {
    public FunctionPod {
      containerNames = Map.copyOf(containerNames);
    }
  }

  private final PodCgroups cgroups;
  private final SchedulingCalls calls;
  private final Enforcement enforcement;
  private final boolean dryRun;
  private final Map<String, FunctionPod> pods = new HashMap<>();

  /** What each touched thread had before, by pod: to put it back. */
  private final Map<String, Map<Integer, ThreadPolicy>> before = new HashMap<>();

  private final Map<String, String> weightsBefore = new HashMap<>();
  private final Map<String, Path> directories = new HashMap<>();
  private final Map<String, Long> cpuMicros = new HashMap<>();
  private final RealTimeGuard guard = new RealTimeGuard();
  private long changes;
  private long failures;

  public MachineScheduler(
      PodCgroups cgroups, SchedulingCalls calls, Enforcement enforcement, boolean dryRun) {
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
    restore(uid);
    pods.remove(uid);
    directories.remove(uid);
    cpuMicros.remove(uid);
  }

  /** A cgroup has appeared or changed. */
  public void appeared(String uid) {
    directories.remove(uid);
    enforce(uid);
  }

  /** Looks at all pods: the net under the watches. */
  public void enforceAll() {
    Set.copyOf(pods.keySet()).forEach(this::enforce);
  }

  /** Gives back what every thread had. */
  public void restoreAll() {
    Set.copyOf(before.keySet()).forEach(this::restore);
    Set.copyOf(weightsBefore.keySet()).forEach(this::restore);
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

  /** Threads of a pod that have their policy now. */
  public int threadCount(String uid) {
    return before.getOrDefault(uid, Map.of()).size();
  }

  /**
   * Takes a sample of what the classes on real time use, and takes one off or puts it back.
   *
   * @param elapsedMicros since the last sample, more than 0
   * @param cpus number of CPUs
   */
  public void guard(long elapsedMicros, int cpus) {
    if (enforcement.kind() != Enforcement.Kind.REAL_TIME) {
      return;
    }
    var share = new TreeMap<Integer, Double>();
    for (FunctionPod pod : pods.values()) {
      if (pod.standing().realtimePriority().isEmpty()) {
        continue;
      }
      Path directory = directories.get(pod.uid());
      if (directory != null) {
        PodCgroups.cpuMicros(directory)
            .ifPresent(
                now -> {
                  Long last = cpuMicros.put(pod.uid(), now);
                  if (last != null) {
                    share.merge(
                        pod.standing().rank(),
                        (now - last) / (double) elapsedMicros / cpus,
                        Double::sum);
                  }
                });
      }
    }
    if (guard.sample(share)) {
      LOG.warning(
          guard.floor() == 0
              ? "All classes are back on real time"
              : "Classes of rank below %d are off real time: together they neared the kernel's limit"
                  .formatted(guard.floor()));
      enforceAll();
    }
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
        directory = cgroups.pods().get(uid);
        if (directory == null) {
          return;
        }
        directories.put(uid, directory);
      }
      weigh(pod, directory);
      for (int pass = 0; pass < MAX_PASSES; pass++) {
        int changed = 0;
        for (Path container : PodCgroups.containers(directory)) {
          changed += enforce(pod, container);
        }
        if (changed == 0 || dryRun) {
          return;
        }
      }
    } catch (IOException e) {
      failures++;
      LOG.log(Level.WARNING, "Pod {0}: {1}", new Object[] {pod.name(), e});
    }
  }

  private int enforce(FunctionPod pod, Path container) throws IOException {
    int[] threads = PodCgroups.threads(container);
    if (threads.length == 0 || isPause(container)) {
      return 0;
    }
    String name = PodCgroups.containerId(container).map(pod.containerNames()::get).orElse("");
    ThreadPolicy wanted =
        enforcement.threadPolicy(pod.standing(), SIDECAR.equals(name), guard.floor());
    Map<Integer, ThreadPolicy> known = before.computeIfAbsent(pod.uid(), _ -> new HashMap<>());
    int changed = 0;
    for (int tid : threads) {
      try {
        ThreadPolicy now = calls.get(tid);
        // Ours from an earlier life, or inherited from a thread of ours: it had nothing of its own.
        known.putIfAbsent(tid, now.equals(wanted) ? new ThreadPolicy.Normal() : now);
        if (!now.equals(wanted)) {
          changes++;
          changed++;
          if (!dryRun) {
            calls.set(tid, wanted);
          }
        }
      } catch (SchedulingCalls.Refused e) {
        known.remove(tid);
        if (!e.isGone()) {
          failures++;
          LOG.log(Level.WARNING, "Pod {0}: {1}", new Object[] {pod.name(), e.getMessage()});
        }
      }
    }
    return changed;
  }

  private void weigh(FunctionPod pod, Path directory) throws IOException {
    Path file = directory.resolve("cpu.weight");
    if (!enforcement.byWeight() || !Files.exists(file)) {
      return;
    }
    String wanted = Integer.toString(pod.standing().cpuWeight());
    String now = Files.readString(file, StandardCharsets.US_ASCII).strip();
    if (!now.equals(wanted)) {
      weightsBefore.putIfAbsent(pod.uid(), now);
      changes++;
      if (!dryRun) {
        Files.writeString(file, wanted, StandardCharsets.US_ASCII);
      }
    }
  }

  private void restore(String uid) {
    Map<Integer, ThreadPolicy> threads = before.remove(uid);
    String weight = weightsBefore.remove(uid);
    Path directory = directories.get(uid);
    if (directory == null || dryRun) {
      return;
    }
    try {
      // Only threads that are still in the pod's cgroups: an id may belong to someone else by now.
      // Those born since have
      // inherited ours.
      for (Path container : PodCgroups.containers(directory)) {
        if (isPause(container)) {
          continue;
        }
        for (int tid : PodCgroups.threads(container)) {
          ThreadPolicy original =
              threads == null
                  ? new ThreadPolicy.Normal()
                  : threads.getOrDefault(tid, new ThreadPolicy.Normal());
          try {
            calls.set(tid, original);
          } catch (SchedulingCalls.Refused e) {
            LOG.log(e.isGone() ? Level.FINE : Level.WARNING, "Not put back: {0}", e.getMessage());
          }
        }
      }
      if (weight != null && Files.exists(directory.resolve("cpu.weight"))) {
        Files.writeString(directory.resolve("cpu.weight"), weight, StandardCharsets.US_ASCII);
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "Not put back in {0}: {1}", new Object[] {directory, e});
    }
  }

  /** The pause container holds the pod's namespaces and does nothing: one process by that name. */
  private static boolean isPause(Path container) throws IOException {
    int[] processes = PodCgroups.processes(container);
    if (processes.length != 1) {
      return false;
    }
    try {
      return "pause".equals(Files.readString(Path.of("/proc/" + processes[0] + "/comm")).strip());
    } catch (IOException e) {
      return false;
    }
  }
}
