package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.fareway.node.core.meter.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads what the kernel has counted for a pod's cgroup: {@code cpu.stat}, which includes containers
 * that are gone, and {@code memory.current} less what is only cached from files and would be given
 * back first.
 */
public final class PodCounters {
  private static final String INACTIVE_FILE = "inactive_file ";

  private PodCounters() {}

  /**
   * Reads.
   *
   * @param atNanos the time on the clock that counts from boot, {@link System#nanoTime}
   * @return empty if the cgroup is gone, or going
   */
  public static Optional<Reading> read(Path pod, long atNanos) {
    try {
      long cgroup = ((Number) Files.getAttribute(pod, "unix:ino")).longValue();
      return PodCgroups.cpuMicros(pod)
          .map(micros -> new Reading(cgroup, atNanos, micros, memoryBytes(pod)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** 0 where memory is not counted. */
  private static long memoryBytes(Path pod) {
    try {
      long current =
          Long.parseLong(Files.readString(pod.resolve("memory.current"), US_ASCII).strip());
      return Math.max(0, current - inactiveFile(pod));
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  private static long inactiveFile(Path pod) throws IOException {
    String stat = Files.readString(pod.resolve("memory.stat"), US_ASCII);
    int at = stat.startsWith(INACTIVE_FILE) ? 0 : stat.indexOf("\n" + INACTIVE_FILE) + 1;
    if (at == 0 && !stat.startsWith(INACTIVE_FILE)) {
      return 0;
    }
    int end = stat.indexOf('\n', at);
    return Long.parseLong(
        stat.substring(at + INACTIVE_FILE.length(), end < 0 ? stat.length() : end).strip());
  }

  /** Whether no process is left in a cgroup and below it; true if it is gone. */
  public static boolean isEmpty(Path pod) {
    try {
      return !Files.readString(pod.resolve("cgroup.events"), US_ASCII).contains("populated 1");
    } catch (IOException e) {
      return true;
    }
  }

  /** Seconds since boot, from {@code /proc/uptime}; 0 where that can't be read. */
  public static long uptimeSeconds() {
    try {
      String uptime = Files.readString(Path.of("/proc/uptime"), US_ASCII);
      return Long.parseLong(uptime.substring(0, uptime.indexOf('.')));
    } catch (IOException | RuntimeException e) {
      return 0;
    }
  }
}
