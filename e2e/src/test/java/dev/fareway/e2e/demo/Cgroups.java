package dev.fareway.e2e.demo;

import static java.util.Comparator.reverseOrder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** The control groups that a process' local cluster makes. */
final class Cgroups {
  private static final Path HIERARCHIES = Path.of("/sys/fs/cgroup");
  private static final int DEPTH = 4;

  private Cgroups() {}

  /** Those that are there now. */
  static Set<Path> of(long process) throws IOException {
    try (var folders = Files.find(HIERARCHIES, DEPTH, (path, _) -> isOf(process, path))) {
      return folders.collect(Collectors.toSet());
    }
  }

  /** Removes what a process that was killed has left; its own processes must be gone. */
  static void remove(long process) throws IOException {
    for (Path top : of(process)) {
      try (var folders = Files.walk(top)) {
        for (Path folder : folders.filter(Files::isDirectory).sorted(reverseOrder()).toList()) {
          Files.deleteIfExists(folder);
        }
      }
    }
  }

  private static boolean isOf(long process, Path folder) {
    return folder.getFileName().toString().startsWith("fareway-" + process + "-");
  }
}
