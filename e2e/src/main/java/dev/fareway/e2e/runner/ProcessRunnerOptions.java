package dev.fareway.e2e.runner;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a process runner works.
 *
 * @param nodeName the node that it is; one runner a name
 * @param logFolder for what containers print; made if missing, and left
 * @param cgroupParent the cgroup v2 directory below which its cgroups go; empty: where this machine
 *     allows it
 * @param firstBackoff before a container that ended is started again; doubled each time, more than
 *     0
 * @param longestBackoff the most that it grows to
 * @param heartbeat how often the node says that it is ready
 */
public record ProcessRunnerOptions(
    String nodeName,
    Path logFolder,
    Optional<Path> cgroupParent,
    Duration firstBackoff,
    Duration longestBackoff,
    Duration heartbeat) {

  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
  private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(1);
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  /** Checks ranges. */
  public ProcessRunnerOptions {
    if (nodeName.isEmpty() || nodeName.contains("/")) {
      throw new IllegalArgumentException("'" + nodeName + "' can't be a node's name");
    }
    if (!firstBackoff.isPositive() || longestBackoff.compareTo(firstBackoff) < 0) {
      throw new IllegalArgumentException(
          "backoff must grow from more than 0, but is %s to %s"
              .formatted(firstBackoff, longestBackoff));
    }
    if (!heartbeat.isPositive()) {
      throw new IllegalArgumentException("the heartbeat must be more than 0, but is " + heartbeat);
    }
  }

  /** A node with the usual times, and cgroups where this machine allows them. */
  public static ProcessRunnerOptions of(String nodeName, Path logFolder) {
    return new ProcessRunnerOptions(
        nodeName, logFolder, Optional.empty(), FIRST_BACKOFF, LONGEST_BACKOFF, HEARTBEAT);
  }

  /** The same with its cgroups below this directory. */
  public ProcessRunnerOptions withCgroupParent(Path directory) {
    return new ProcessRunnerOptions(
        nodeName, logFolder, Optional.of(directory), firstBackoff, longestBackoff, heartbeat);
  }

  /** The same with other waits before a container is started again. */
  public ProcessRunnerOptions withBackoff(Duration first, Duration longest) {
    return new ProcessRunnerOptions(nodeName, logFolder, cgroupParent, first, longest, heartbeat);
  }
}
