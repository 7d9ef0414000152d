package dev.fareway.e2e.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The cpu controller of cgroup version 1, where a machine has that in the place of version 2's: two
 * groups with what the daemon sets in version 2. It is the same scheduler; cpu.shares are a
 * cpu.weight times 10.24.
 */
final class WeightsOfVersion1 implements AutoCloseable {
  /** Of weight 10,000, as the dearest class has. */
  private static final String DEAR_SHARES = "102400";

  private final Path hierarchy;
  private final Path dear;
  private final Path cheap;

  private WeightsOfVersion1(Path hierarchy) throws IOException {
    this.hierarchy = hierarchy;
    String own = "fareway-bench-" + ProcessHandle.current().pid();
    this.dear = Files.createDirectory(hierarchy.resolve(own + "-dear"));
    this.cheap = Files.createDirectory(hierarchy.resolve(own + "-cheap"));
    Files.writeString(dear.resolve("cpu.shares"), DEAR_SHARES);
    Files.writeString(cheap.resolve("cpu.idle"), "1");
  }

  /**
   * Where the controller is; empty if there is none that we may write to and that knows idle
   * groups.
   */
  static Optional<Path> hierarchy() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String[] words = line.split(" ", -1);
      Path at = Path.of(words[1]);
      if (words[2].equals("cgroup")
          && List.of(words[3].split(",", -1)).contains("cpu")
          && Files.isWritable(at.resolve("cpu.idle"))) {
        return Optional.of(at);
      }
    }
    return Optional.empty();
  }

  /** Makes the groups, with the crowd in its own. */
  static WeightsOfVersion1 of(Path hierarchy, List<Process> crowd) throws IOException {
    var groups = new WeightsOfVersion1(hierarchy);
    for (Process batch : crowd) {
      BenchNode.enter(groups.cheap, batch);
    }
    return groups;
  }

  /** For the dear function. */
  Path dear() {
    return dear;
  }

  @Override
  public void close() throws IOException {
    for (Path group : List.of(dear, cheap)) {
      for (String pid : Files.readAllLines(group.resolve("cgroup.procs"))) {
        Files.writeString(hierarchy.resolve("cgroup.procs"), pid);
      }
      BenchNode.remove(group);
    }
  }
}
