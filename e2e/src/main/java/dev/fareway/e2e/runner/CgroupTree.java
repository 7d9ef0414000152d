package dev.fareway.e2e.runner;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The cgroups (version 2) of a node's pods, named as the kubelet's systemd driver and containerd
 * name them, below a directory of the runner's own.
 */
final class CgroupTree implements AutoCloseable {

  private static final Path MOUNTS = Path.of("/proc/self/mounts");
  private static final Path OWN = Path.of("/proc/self/cgroup");
  private static final String PROCESSES = "cgroup.procs";
  private static final Duration PROBE_BOUND = Duration.ofSeconds(5);
  private static final Duration EMPTY_BOUND = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(10);
  private static final String KUBEPODS = "kubepods";

  private final Path root;

  private CgroupTree(Path root) {
    this.root = root;
  }

  /** The tree, or why there is none. */
  sealed interface Opened {
    /** The tree. */
    record Tree(CgroupTree tree) implements Opened {}

    /** Why processes can't have cgroups here, for users to read. */
    record Unavailable(String reason) implements Opened {}
  }

  /** Where a tree may go: the root of the cgroup v2 hierarchy, else this process' own cgroup. */
  static List<Path> candidates() {
    List<Path> result = new ArrayList<>();
    mount()
        .ifPresent(
            mount -> {
              result.add(mount);
              own(mount).filter(own -> !own.equals(mount)).ifPresent(result::add);
            });
    return result;
  }

  private static Optional<Path> mount() {
    try (Stream<String> lines = Files.lines(MOUNTS)) {
      return lines
          .map(line -> line.split(" ", -1))
          .filter(fields -> fields.length > 2 && fields[2].equals("cgroup2"))
          .map(fields -> Path.of(fields[1]))
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<Path> own(Path mount) {
    try (Stream<String> lines = Files.lines(OWN)) {
      return lines
          .filter(line -> line.startsWith("0::/"))
          .map(line -> mount.resolve(line.substring("0::/".length())))
          .filter(Files::isDirectory)
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Makes the directory below the first parent in which a process may be put. */
  static Opened open(List<Path> parents, String name) {
    if (parents.isEmpty()) {
      return new Opened.Unavailable("no cgroup v2 hierarchy is mounted");
    }
    String reason = "";
    for (Path parent : parents) {
      Path root = parent.resolve(name);
      try {
        Files.createDirectory(root);
        CgroupTree tree = new CgroupTree(root);
        if (tree.takesProcesses()) {
          return new Opened.Tree(tree);
        }
        tree.close();
        reason = "processes may not be moved to " + root;
      } catch (IOException e) {
        reason = "%s can't be made (%s)".formatted(root, e.getClass().getSimpleName());
      }
    }
    return new Opened.Unavailable(reason);
  }

  private boolean takesProcesses() throws IOException {
    Path probe = Files.createDirectory(root.resolve("probe"));
    if (!Files.exists(probe.resolve(PROCESSES))) {
      Files.delete(probe);
      return false;
    }
    try {
      Process process =
          new ProcessBuilder(
                  "/bin/sh", "-c", "echo $$ > \"$0\"", probe.resolve(PROCESSES).toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      boolean moved =
          process.waitFor(PROBE_BOUND.toMillis(), TimeUnit.MILLISECONDS)
              && process.exitValue() == 0;
      process.destroyForcibly();
      return moved;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      remove(probe);
    }
  }

  /** The directory that holds {@code kubepods.slice}. */
  Path root() {
    return root;
  }

  /** Makes a container's cgroup. */
  Path make(String podUid, QosClass qos, String containerId) throws IOException {
    return Files.createDirectories(
        pod(podUid, qos).resolve("cri-containerd-" + containerId + ".scope"));
  }

  /** The file that a process writes its id to, to enter. */
  static Path processes(Path cgroup) {
    return cgroup.resolve(PROCESSES);
  }

  private Path pod(String uid, QosClass qos) {
    Path slice = root.resolve(KUBEPODS + ".slice");
    String name = uid.replace('-', '_') + ".slice";
    return switch (qos) {
      case GUARANTEED -> slice.resolve(KUBEPODS + "-pod" + name);
      case BURSTABLE, BEST_EFFORT ->
          slice
              .resolve(KUBEPODS + "-" + qos.inCgroup() + ".slice")
              .resolve(KUBEPODS + "-" + qos.inCgroup() + "-pod" + name);
    };
  }

  /** Ends all processes in a container's cgroup, and removes it. */
  static void remove(Path cgroup) throws IOException {
    kill(cgroup);
    long end = System.nanoTime() + EMPTY_BOUND.toNanos();
    while (true) {
      try {
        Files.deleteIfExists(cgroup);
        return;
      } catch (DirectoryNotEmptyException e) {
        throw e;
      } catch (FileSystemException e) {
        // Busy until the kernel has seen its last process off.
        if (System.nanoTime() > end) {
          throw e;
        }
        pause();
      }
    }
  }

  /** Ends all processes in a cgroup and below at once. */
  static void kill(Path cgroup) throws IOException {
    Path kill = cgroup.resolve("cgroup.kill");
    try {
      if (Files.exists(kill)) {
        Files.writeString(kill, "1");
        return;
      }
      for (String pid : Files.readAllLines(cgroup.resolve(PROCESSES))) {
        ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
      }
    } catch (NoSuchFileException e) {
      // Already removed.
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Removes a pod's cgroup, in which no container is left. */
  void removePod(String uid, QosClass qos) throws IOException {
    Path pod = pod(uid, qos);
    if (Files.exists(pod)) {
      removeAll(pod);
    }
  }

  /** Ends all processes in it, and removes it. */
  @Override
  public void close() throws IOException {
    removeAll(root);
  }

  private static void removeAll(Path top) throws IOException {
    if (!Files.exists(top)) {
      return;
    }
    kill(top);
    List<Path> directories;
    try (Stream<Path> paths = Files.walk(top)) {
      directories = paths.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList();
    }
    for (Path directory : directories) {
      remove(directory);
    }
  }
}
