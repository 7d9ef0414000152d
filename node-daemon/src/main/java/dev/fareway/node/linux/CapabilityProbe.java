package dev.fareway.node.linux;

import dev.fareway.node.core.Capabilities;
import dev.fareway.node.core.ThreadPolicy;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds out what this kernel and our rights allow, by trying it on a child of our own in a cgroup
 * of our own.
 */
public final class CapabilityProbe {
  static final String PREFIX = "fareway-probe-";

  /** Ends by itself when this process does, however it does: its input is at an end then. */
  static final String CHILD = "cat";

  private final SchedulingCalls calls;

  public CapabilityProbe(SchedulingCalls calls) {
    this.calls = calls;
  }

  /** Tries. What it creates is gone afterwards. */
  public Capabilities probe(Path cgroupRoot) {
    Optional<String> noCgroups = new PodCgroups(cgroupRoot).problem();
    if (noCgroups.isPresent()) {
      return new Capabilities(noCgroups, noCgroups, noCgroups, noCgroups);
    }
    removeLeftOvers(cgroupRoot);
    Path own = cgroupRoot.resolve(PREFIX + ProcessHandle.current().pid());
    Process child = null;
    try {
      try {
        Files.createDirectory(own);
      } catch (IOException e) {
        String why =
            "no cgroup can be created in %s (%s)"
                .formatted(cgroupRoot, e.getClass().getSimpleName());
        return new Capabilities(Optional.empty(), Optional.of(why), Optional.of(why), triesIdle());
      }
      child = new ProcessBuilder(CHILD).start();
      int pid = (int) child.pid();
      Files.writeString(own.resolve("cgroup.procs"), Integer.toString(pid));
      Optional<String> realTime = tries(pid, new ThreadPolicy.RealTime(1));
      Optional<String> idle = tries(pid, new ThreadPolicy.Idle());
      Path weight = own.resolve("cpu.weight");
      Optional<String> weights =
          Files.isWritable(weight)
              ? Optional.empty()
              : Optional.of("the cpu controller is not enabled in " + cgroupRoot);
      return new Capabilities(Optional.empty(), realTime, weights, idle);
    } catch (IOException e) {
      String why = "trying failed: %s".formatted(e.getMessage());
      return new Capabilities(
          Optional.empty(), Optional.of(why), Optional.of(why), Optional.of(why));
    } finally {
      if (child != null) {
        child.destroyForcibly();
        child
            .onExit()
            .orTimeout(5, java.util.concurrent.TimeUnit.SECONDS)
            .exceptionally(_ -> null)
            .join();
      }
      remove(own);
    }
  }

  /** What a daemon has left that was killed while it tried. */
  private static void removeLeftOvers(Path cgroupRoot) {
    try (var left = Files.newDirectoryStream(cgroupRoot, PREFIX + "*")) {
      for (Path cgroup : left) {
        remove(cgroup);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // The next one tries again.
    }
  }

  private Optional<String> triesIdle() {
    Process child = null;
    try {
      child = new ProcessBuilder(CHILD).start();
      return tries((int) child.pid(), new ThreadPolicy.Idle());
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } finally {
      if (child != null) {
        child.destroyForcibly();
      }
    }
  }

  private Optional<String> tries(int tid, ThreadPolicy policy) {
    try {
      calls.set(tid, policy);
      return Optional.empty();
    } catch (SchedulingCalls.Refused e) {
      return Optional.of(
          e.isForbidden()
              ? "the kernel refuses it (EPERM): it needs root or CAP_SYS_NICE, and a kernel without CONFIG_RT_GROUP_SCHED or no"
                  + " cpu controller on the pods' cgroups"
              : String.valueOf(e.getMessage()));
    }
  }

  /** Removes a cgroup of ours with all below it. */
  static void remove(Path own) {
    try {
      PodCgroups.withAllBelow(own).reversed().forEach(CapabilityProbe::removeOne);
    } catch (IOException | DirectoryIteratorException e) {
      // The next one tries again.
    }
  }

  private static void removeOne(Path own) {
    // A process that has just ended may still be counted for a moment.
    for (int tries = 0; tries < 50; tries++) {
      try {
        Files.deleteIfExists(own);
        return;
      } catch (IOException e) {
        try {
          Thread.sleep(10);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }
}
