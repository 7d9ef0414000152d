package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What {@code /proc} says of processes and threads. */
final class Processes {
  private Processes() {}

  /** The cgroups that a thread is in, one per hierarchy; none if the thread is gone. */
  static List<String> cgroups(int tid) {
    try {
      return Files.readAllLines(Path.of("/proc/" + tid + "/cgroup"), US_ASCII).stream()
          .map(line -> line.substring(line.indexOf(':', line.indexOf(':') + 1) + 1))
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** The name of a process; empty if it is gone. */
  static String name(int pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/comm"), UTF_8).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
