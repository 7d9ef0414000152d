package dev.fareway.node.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the cgroups of pods, in both of the kubelet's layouts: systemd ({@code
 * kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod<uid>.slice/cri-containerd-<id>.scope},
 * the UID's dashes as underscores) and cgroupfs ({@code kubepods/burstable/pod<uid>/<id>}).
 * Guaranteed pods are directly below the first level.
 */
public final class PodCgroups {
  private static final Pattern SYSTEMD_POD =
      Pattern.compile("kubepods(?:-burstable|-besteffort)?-pod([0-9a-f_]{36})\\.slice");
  private static final Pattern CGROUPFS_POD = Pattern.compile("pod([0-9a-f-]{36})");
  private static final Pattern CONTAINER_ID = Pattern.compile("([0-9a-f]{64})");
  private static final Pattern INTERFACE_FILE =
      Pattern.compile("(?:cgroup|cpu|cpuset|cpuacct|memory|io|pids|hugetlb|misc|rdma|irq)\\.");
  private static final String SLICE = ".slice";
  private static final List<String> TOPS = List.of("kubepods.slice", "kubepods");
  private static final List<String> QOS =
      List.of("kubepods-burstable.slice", "kubepods-besteffort.slice", "burstable", "besteffort");

  private final Path root;

  /**
   * The cgroups of one node.
   *
   * @param root the directory that holds {@code kubepods.slice} or {@code kubepods}
   */
  public PodCgroups(Path root) {
    this.root = root;
  }

  /** Why nothing can be found here; empty if it can. */
  public Optional<String> problem() {
    if (!Files.isDirectory(root)) {
      return Optional.of("there is no cgroup directory %s (--cgroup-root)".formatted(root));
    }
    if (!Files.exists(root.resolve("cgroup.procs"))) {
      return Optional.of("%s is no cgroup directory (--cgroup-root)".formatted(root));
    }
    return Optional.empty();
  }

  /** The directories whose entries are pods, or hold such directories: those that exist now. */
  public List<Path> slices() {
    var slices = new ArrayList<Path>();
    for (String top : TOPS) {
      Path slice = root.resolve(top);
      if (Files.isDirectory(slice)) {
        slices.add(slice);
        QOS.stream().map(slice::resolve).filter(Files::isDirectory).forEach(slices::add);
      }
    }
    return slices;
  }

  /** Whether a directory is one of those by its name, and not a pod's. */
  static boolean isSlice(Path root, Path directory) {
    Path parent = directory.getParent();
    String name = String.valueOf(directory.getFileName());
    return root.equals(parent)
        ? TOPS.contains(name)
        : parent != null
            && root.equals(parent.getParent())
            && TOPS.contains(String.valueOf(parent.getFileName()))
            && QOS.contains(name);
  }

  /** The UID of the pod whose cgroup this is, by its name. */
  public static Optional<String> podUid(Path directory) {
    String name = directory.getFileName().toString();
    Matcher systemd = SYSTEMD_POD.matcher(name);
    if (systemd.matches()) {
      return Optional.of(systemd.group(1).replace('_', '-'));
    }
    Matcher cgroupfs = CGROUPFS_POD.matcher(name);
    return cgroupfs.matches() ? Optional.of(cgroupfs.group(1)) : Optional.empty();
  }

  /** The container whose cgroup this is, or is in, by the 64 hexadecimal digits of its id. */
  static Optional<String> containerId(Path directory) {
    for (Path at = directory; at != null && at.getFileName() != null; at = at.getParent()) {
      Matcher id = CONTAINER_ID.matcher(at.getFileName().toString());
      if (id.find()) {
        return Optional.of(id.group(1));
      }
    }
    return Optional.empty();
  }

  /** All pods' cgroups, by UID. */
  public Map<String, Path> pods() throws IOException {
    var pods = new HashMap<String, Path>();
    for (Path slice : slices()) {
      pods.putAll(pods(slice));
    }
    return pods;
  }

  /** A pod's cgroup; empty if it has none. Does not list what other pods there are. */
  public Optional<Path> find(String uid) {
    String underscores = uid.replace('-', '_');
    for (Path slice : slices()) {
      String prefix = String.valueOf(slice.getFileName());
      Path directory =
          prefix.endsWith(SLICE)
              ? slice.resolve(
                  "%s-pod%s.slice"
                      .formatted(
                          prefix.substring(0, prefix.length() - SLICE.length()), underscores))
              : slice.resolve("pod" + uid);
      if (Files.isDirectory(directory)) {
        return Optional.of(directory);
      }
    }
    return Optional.empty();
  }

  /** The cgroups of the pods in one of the {@link #slices}, by UID. */
  Map<String, Path> pods(Path slice) throws IOException {
    var pods = new HashMap<String, Path>();
    for (Path directory : directories(slice)) {
      podUid(directory).ifPresent(uid -> pods.put(uid, directory));
    }
    return pods;
  }

  /**
   * All cgroups below a pod's, the deepest last: its containers, and what runtimes put below them.
   */
  static List<Path> containers(Path pod) throws IOException {
    var all = new ArrayList<Path>();
    for (Path directory : directories(pod)) {
      all.add(directory);
      all.addAll(containers(directory));
    }
    return all;
  }

  /** The cgroups of a pod's containers alone, the pause container's among them. */
  static List<Path> ofContainers(Path pod) throws IOException {
    return directories(pod);
  }

  /** A cgroup and all below it. */
  static List<Path> withAllBelow(Path cgroup) throws IOException {
    var all = new ArrayList<Path>();
    all.add(cgroup);
    all.addAll(containers(cgroup));
    return all;
  }

  /**
   * Whether a thread is in a cgroup now, as the kernel says of the thread itself: its id may belong
   * to another by the time that it is used.
   *
   * @param pod the pod's cgroup
   * @param cgroup the pod's cgroup, or one below it
   */
  boolean holds(Path pod, Path cgroup, int tid) {
    // From the pod's directory on: what stands before it depends on where our own root is.
    String below = pod.relativize(cgroup).toString();
    String path = "/" + pod.getFileName() + (below.isEmpty() ? "" : "/" + below);
    return Processes.cgroups(tid).stream().anyMatch(of -> of.endsWith(path));
  }

  /** The threads in a cgroup; none if it is gone. */
  static int[] threads(Path cgroup) throws IOException {
    try {
      return idsOf(cgroup.resolve("cgroup.threads"));
    } catch (NoSuchFileException e) {
      // Version 1 calls them tasks.
      return ids(cgroup.resolve("tasks"));
    } catch (IOException e) {
      return noneIfGone(cgroup, e);
    }
  }

  /** The processes in a cgroup; none if it is gone. */
  static int[] processes(Path cgroup) throws IOException {
    return ids(cgroup.resolve("cgroup.procs"));
  }

  /** CPU time that a cgroup has used so far, in microseconds; empty if it is gone. */
  static Optional<Long> cpuMicros(Path cgroup) {
    try {
      for (String line :
          Files.readAllLines(cgroup.resolve("cpu.stat"), StandardCharsets.US_ASCII)) {
        if (line.startsWith("usage_usec ")) {
          return Optional.of(Long.parseLong(line.substring("usage_usec ".length())));
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static int[] ids(Path file) throws IOException {
    try {
      return idsOf(file);
    } catch (NoSuchFileException e) {
      return new int[0];
    } catch (IOException e) {
      return noneIfGone(file, e);
    }
  }

  private static int[] idsOf(Path file) throws IOException {
    String content = Files.readString(file, StandardCharsets.US_ASCII);
    return content.lines().mapToInt(Integer::parseInt).toArray();
  }

  private static int[] noneIfGone(Path file, IOException e) throws IOException {
    // ENODEV: the cgroup is being removed under our eyes.
    if (!Files.exists(file)) {
      return new int[0];
    }
    throw e;
  }

  /** A cgroup has dozens of interface files: told by their names they need not be asked for. */
  static boolean isCgroup(Path entry) {
    return !INTERFACE_FILE.matcher(String.valueOf(entry.getFileName())).lookingAt()
        && Files.isDirectory(entry);
  }

  private static List<Path> directories(Path in) throws IOException {
    if (hasNoDirectories(in)) {
      return List.of();
    }
    var directories = new ArrayList<Path>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(in, PodCgroups::isCgroup)) {
      entries.forEach(directories::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
    return directories;
  }

  /**
   * Whether the file system says so at once: a directory has two links, and one more from each
   * directory in it; a cgroup with dozens of interface files need then not be listed. File systems
   * that count otherwise say 1.
   */
  private static boolean hasNoDirectories(Path directory) {
    try {
      return Files.getAttribute(directory, "unix:nlink") instanceof Integer links && links == 2;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return false;
    }
  }
}
