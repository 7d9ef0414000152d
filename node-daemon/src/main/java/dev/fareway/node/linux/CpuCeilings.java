package dev.fareway.node.linux;

import dev.fareway.node.core.CpuCeiling;
import dev.fareway.node.core.FunctionPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Holds pods to the CPU time that their budgets leave them, by {@code cpu.max}. A lower limit of
 * the pod's own stays. Not thread-safe.
 */
final class CpuCeilings {
  private static final Logger LOG = Logger.getLogger(CpuCeilings.class.getName());
  private static final String FILE = "cpu.max";

  private final CgroupSettings settings;

  /** Those of which it is known that no daemon holds them: most, so it need not be read anew. */
  private final Set<Path> free = new HashSet<>();

  private boolean saidMissing;

  CpuCeilings(CgroupSettings settings) {
    this.settings = settings;
  }

  /**
   * Sees to it that a pod is held to what its budgets say, or not held if they say nothing.
   *
   * @return whether something had to be written
   * @throws IOException if the kernel refuses it
   */
  boolean hold(FunctionPod pod, Path directory) throws IOException {
    OptionalInt cpuMillis = pod.budget().cpuMillis();
    if (cpuMillis.isEmpty()) {
      if (!free.contains(directory)) {
        settings.restore(directory, FILE);
        free.add(directory);
      }
      return false;
    }
    free.remove(directory);
    Optional<String> own = settings.underneath(directory, FILE);
    if (own.isEmpty()) {
      sayMissing(directory);
      return false;
    }
    CpuCeiling wanted = CpuCeiling.ofMillis(cpuMillis.getAsInt());
    if (CpuCeiling.parse(own.get()).filter(limit -> limit.isBelow(wanted)).isPresent()) {
      settings.restore(directory, FILE);
      return false;
    }
    return settings.set(directory, FILE, wanted.text(), wanted.text());
  }

  /** Puts back what a pod had. */
  void restore(Path directory) throws IOException {
    settings.restore(directory, FILE);
  }

  /** Drops what is known of a cgroup that is gone. */
  void gone(Path directory) {
    free.remove(directory);
  }

  private void sayMissing(Path directory) {
    if (!saidMissing && Files.isDirectory(directory)) {
      saidMissing = true;
      LOG.log(
          Level.WARNING,
          "{0} has no cpu.max, since the cpu controller is not enabled for it: functions whose budget says Throttle"
              + " run in the cheapest class, but no slower",
          directory);
    }
  }
}
