package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.fareway.node.core.FunctionPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The memory of pods: what they hold, pushing it out and bringing it back, whether it may be
 * swapped, and whom the kernel kills first. What is changed can be put back, by a later daemon too.
 *
 * <p>Whatever a kernel lacks is said once, and the rest is done. Not thread-safe: the memory thread
 * owns it.
 */
public final class PodMemory implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(PodMemory.class.getName());
  private static final String SWAP_MAX = "memory.swap.max";
  private static final String FREEZE = "cgroup.freeze";
  private static final String RECLAIM = "memory.reclaim";
  private static final long FREEZE_NANOS = 100_000_000;

  private final Path root;
  private final PodCgroups cgroups;
  private final CgroupSettings settings = new CgroupSettings();
  private final OomScores scores;
  private final Reclaimer reclaimer = new Reclaimer();
  private final MemoryCalls calls = new MemoryCalls();
  private final Set<String> said = new HashSet<>();

  /** Up to which address a process' memory was asked back from swap, by process. */
  private final Map<Integer, Long> broughtUpTo = new HashMap<>();

  private boolean advice = true;

  /**
   * What a pod holds.
   *
   * @param residentBytes anonymous memory that is there
   * @param swappedBytes what is in swap alone
   * @param cpuMicros CPU time that it has used so far
   */
  public record Sample(long residentBytes, long swappedBytes, long cpuMicros) {}

  /**
   * The pods of one node.
   *
   * @param root the directory that holds {@code kubepods.slice} or {@code kubepods}
   */
  public PodMemory(Path root) {
    this.root = root;
    this.cgroups = new PodCgroups(root);
    this.scores = new OomScores(cgroups, settings);
  }

  /** Why the memory of pods can't be managed here at all; empty if it can. */
  public Optional<String> problem() {
    Path controllers = root.resolve("cgroup.controllers");
    try {
      if (List.of(Files.readString(controllers, US_ASCII).strip().split(" ", -1))
          .contains("memory")) {
        return Optional.empty();
      }
      return Optional.of("%s does not name the memory controller".formatted(controllers));
    } catch (IOException e) {
      return Optional.of("%s can't be read: %s".formatted(controllers, e.getMessage()));
    }
  }

  /** The cgroups of all pods, by UID. */
  public Map<String, Path> pods() throws IOException {
    return cgroups.pods();
  }

  /** What a pod holds; empty if it is gone, or has no memory controller. */
  public Optional<Sample> sample(Path pod) {
    try {
      String stat = Files.readString(pod.resolve("memory.stat"), US_ASCII);
      long resident = field(stat, "inactive_anon ") + field(stat, "active_anon ");
      Path swap = pod.resolve("memory.swap.current");
      long swapped =
          Files.exists(swap)
              ? Math.max(0, number(swap) - field(stat, "swapcached "))
              : field(stat, "swap ");
      return Optional.of(new Sample(resident, swapped, PodCgroups.cpuMicros(pod).orElse(0L)));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Lets the kernel swap a pod's memory, or not; by its containers, as the kubelet does. */
  public void allowSwap(FunctionPod pod, Path directory, boolean allowed) {
    String wanted = allowed ? "max" : "0";
    try {
      for (Path container : PodCgroups.ofContainers(directory)) {
        if (!PauseContainer.is(pod, container)) {
          if (!Files.exists(container.resolve(SWAP_MAX))) {
            once(SWAP_MAX, "The kernel has no %s: it swaps whom it likes".formatted(SWAP_MAX));
            return;
          }
          settings.set(container, SWAP_MAX, wanted, wanted);
        }
      }
    } catch (IOException e) {
      once(SWAP_MAX + pod.uid(), "Pod %s: %s".formatted(pod.ref(), e.getMessage()));
    }
  }

  /**
   * Has the kernel kill a pod's processes in the order of its class.
   *
   * @param highestRank of all classes
   */
  public void score(FunctionPod pod, Path directory, int highestRank) {
    try {
      scores.set(pod, directory, highestRank);
    } catch (IOException e) {
      once("oom", "The kernel's own order of killing is not by class: " + e.getMessage());
    }
  }

  /**
   * Pushes memory of a pod out to swap.
   *
   * @param frozen whether its processes are stopped meanwhile
   * @param deadlineNanos how long it may take
   * @return how many bytes were freed, or written to swap
   */
  public long pushOut(Path pod, long bytes, boolean frozen, long deadlineNanos)
      throws InterruptedException {
    Optional<Sample> before = sample(pod);
    boolean isFrozen = frozen && freeze(pod);
    try {
      if (isFrozen) {
        awaitFrozen(pod);
      }
      if (Files.exists(pod.resolve(RECLAIM))) {
        reclaimer.reclaim(pod, bytes, deadlineNanos);
      } else {
        once(RECLAIM, "The kernel has no memory.reclaim (Linux 5.19): process_madvise is used");
        advise(pod, bytes, ProcessPages.Where.MEMORY, MemoryCalls.Advice.PAGE_OUT);
      }
    } catch (IOException e) {
      once("push", "Memory could not be pushed out: " + e.getMessage());
    } finally {
      if (isFrozen) {
        thaw(pod);
      }
    }
    Optional<Sample> after = sample(pod);
    if (before.isEmpty() || after.isEmpty()) {
      return 0;
    }
    return Math.max(
        0,
        Math.max(
            before.get().residentBytes - after.get().residentBytes,
            after.get().swappedBytes - before.get().swappedBytes));
  }

  /**
   * Has memory of a pod read back from swap, from where the last call ended.
   *
   * @return how many bytes were asked for; 0 when all of its memory was gone through, and the next
   *     call begins anew
   */
  public long bringBack(Path pod, long bytes) {
    try {
      return advise(pod, bytes, ProcessPages.Where.SWAP, MemoryCalls.Advice.WILL_NEED);
    } catch (IOException e) {
      once("advise", "Memory is not brought back ahead of use: " + e.getMessage());
      return 0;
    }
  }

  private long advise(Path pod, long bytes, ProcessPages.Where where, MemoryCalls.Advice how)
      throws IOException {
    long asked = 0;
    for (Path cgroup : PodCgroups.withAllBelow(pod)) {
      for (int pid : PodCgroups.processes(cgroup)) {
        if (asked < bytes && advice && cgroups.holds(pod, cgroup, pid)) {
          asked += advise(pid, bytes - asked, where, how);
        }
      }
    }
    return asked;
  }

  private long advise(int pid, long bytes, ProcessPages.Where where, MemoryCalls.Advice how)
      throws IOException {
    boolean back = how == MemoryCalls.Advice.WILL_NEED;
    long from = back ? broughtUpTo.getOrDefault(pid, 0L) : 0;
    try {
      List<MemoryCalls.Range> ranges = ProcessPages.find(pid, where, from, bytes, calls.pageBytes);
      if (ranges.isEmpty()) {
        broughtUpTo.remove(pid);
        return 0;
      }
      if (back) {
        // Asked for they are still in swap by their page tables: the next call must go past them.
        broughtUpTo.put(pid, ranges.getLast().address() + ranges.getLast().bytes());
      }
      return calls.advise(pid, ranges, how);
    } catch (MemoryCalls.Refused e) {
      advice = !e.isHopeless();
      throw e;
    } catch (IOException e) {
      broughtUpTo.remove(pid);
      if (Processes.name(pid).isEmpty()) {
        return 0;
      }
      throw e;
    }
  }

  /** Kills all processes of a pod but its pause container's; how many cgroups of them. */
  public int kill(FunctionPod pod, Path directory) throws IOException {
    int killed = 0;
    for (Path container : PodCgroups.ofContainers(directory)) {
      if (PauseContainer.is(pod, container)) {
        continue;
      }
      killed++;
      Path all = container.resolve("cgroup.kill");
      if (Files.exists(all)) {
        Files.writeString(all, "1", US_ASCII);
        continue;
      }
      for (Path cgroup : PodCgroups.withAllBelow(container)) {
        for (int pid : PodCgroups.processes(cgroup)) {
          if (cgroups.holds(directory, cgroup, pid)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
          }
        }
      }
    }
    return killed;
  }

  /** Lets a pod go on that a daemon was pushing out when it was killed. */
  public void thawLeftOver(Path pod) {
    if (settings.isSet(pod, FREEZE)) {
      thaw(pod);
    }
  }

  /** Puts back what was changed of a pod, now or by a daemon before. */
  public void restore(Path pod) {
    try {
      settings.restore(pod, FREEZE);
      for (Path container : PodCgroups.ofContainers(pod)) {
        settings.restore(container, SWAP_MAX);
      }
      scores.restore(pod);
      settings.gone(pod);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "Not put back in {0}: {1}", new Object[] {pod, e.getMessage()});
    }
  }

  /** Drops what is kept of processes that are gone. */
  public void tidy() {
    broughtUpTo.keySet().removeIf(pid -> Processes.name(pid).isEmpty());
  }

  /** Whether a pod is told to stop: it must then be told to go on. */
  private boolean freeze(Path pod) {
    try {
      if (!Files.exists(pod.resolve(FREEZE))) {
        once(FREEZE, "The kernel has no cgroup.freeze: functions are pushed out while they run");
        return false;
      }
      settings.set(pod, FREEZE, "1", "1");
      return true;
    } catch (IOException e) {
      once(FREEZE, "A function can't be frozen: " + e.getMessage());
      return false;
    }
  }

  /** Until it has stopped, or for a moment. */
  private void awaitFrozen(Path pod) throws InterruptedException {
    long end = System.nanoTime() + FREEZE_NANOS;
    try {
      while (!Files.readString(pod.resolve("cgroup.events"), US_ASCII).contains("frozen 1")
          && System.nanoTime() < end) {
        Thread.sleep(1);
      }
    } catch (IOException e) {
      once("frozen", "Whether a function is frozen can't be read: " + e.getMessage());
    }
  }

  private void thaw(Path pod) {
    try {
      settings.restore(pod, FREEZE);
    } catch (IOException e) {
      LOG.log(Level.SEVERE, "{0} is still frozen: {1}", new Object[] {pod, e.getMessage()});
    }
  }

  private void once(String what, String message) {
    if (said.add(what)) {
      LOG.log(Level.WARNING, "{0}. This is said once; the rest is done.", message);
    }
  }

  private static long number(Path file) throws IOException {
    return Long.parseLong(Files.readString(file, US_ASCII).strip());
  }

  private static long field(String stat, String name) {
    int at = stat.startsWith(name) ? 0 : stat.indexOf("\n" + name) + 1;
    if (at == 0 && !stat.startsWith(name)) {
      return 0;
    }
    return Long.parseLong(stat.substring(at + name.length(), stat.indexOf('\n', at)).strip());
  }

  @Override
  public void close() {
    reclaimer.close();
  }
}
