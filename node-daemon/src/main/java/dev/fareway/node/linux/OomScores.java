package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.fareway.node.core.FunctionPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The kernel's order of whom to kill when memory runs out, {@code /proc/PID/oom_score_adj}: by
 * class, so that the kernel, when it is quicker than the memory manager, picks the same.
 *
 * <p>What a container's processes had before is kept with its cgroup. Processes below 0 are left as
 * they are: the kubelet promised them more. Not thread-safe.
 */
final class OomScores {
  private static final String FILE = "oom_score_adj";
  private static final int CHEAPEST = 1000;

  private final PodCgroups cgroups;
  private final CgroupSettings settings;

  OomScores(PodCgroups cgroups, CgroupSettings settings) {
    this.cgroups = cgroups;
    this.settings = settings;
  }

  /**
   * What a rank gets: 1000 for the cheapest, 0 for the dearest, even steps between; for example 500
   * for the middle one of three. Where there is one class alone, nothing.
   *
   * @param highestRank of all classes
   */
  static Optional<Integer> score(int rank, int highestRank) {
    return highestRank == 0
        ? Optional.empty()
        : Optional.of(CHEAPEST - CHEAPEST * Math.min(rank, highestRank) / highestRank);
  }

  /**
   * Gives a pod's processes the score of their class.
   *
   * @throws IOException if one could not be set
   */
  void set(FunctionPod pod, Path directory, int highestRank) throws IOException {
    Optional<Integer> score = score(pod.standing().rank(), highestRank);
    if (score.isEmpty()) {
      return;
    }
    String wanted = Integer.toString(score.get());
    for (Path container : PodCgroups.ofContainers(directory)) {
      if (PauseContainer.is(pod, container)) {
        continue;
      }
      for (Path cgroup : PodCgroups.withAllBelow(container)) {
        for (int pid : PodCgroups.processes(cgroup)) {
          String now = read(pid);
          if (!now.isEmpty() && !now.startsWith("-") && !now.equals(wanted)) {
            settings.note(container, FILE, now, wanted);
            write(pid, directory, cgroup, wanted);
          }
        }
      }
    }
  }

  /** Gives them back what they had. */
  void restore(Path directory) throws IOException {
    for (Path container : PodCgroups.ofContainers(directory)) {
      Optional<String> before = settings.takeNote(container, FILE);
      if (before.isPresent()) {
        for (Path cgroup : PodCgroups.withAllBelow(container)) {
          for (int pid : PodCgroups.processes(cgroup)) {
            write(pid, directory, cgroup, before.get());
          }
        }
      }
    }
  }

  private static String read(int pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/" + FILE), US_ASCII).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private void write(int pid, Path pod, Path cgroup, String value) throws IOException {
    if (!cgroups.holds(pod, cgroup, pid)) {
      return;
    }
    Path file = Path.of("/proc/" + pid + "/" + FILE);
    try {
      Files.writeString(file, value, US_ASCII);
    } catch (IOException e) {
      if (Files.exists(file)) {
        throw new IOException(
            "%s does not take '%s': %s".formatted(file, value, e.getMessage()), e);
      }
    }
  }
}
