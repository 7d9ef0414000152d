package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel allows real time, from {@code /proc/sys/kernel} (sched(7)). Only ever read. */
public final class KernelLimits {
  private static final Path KERNEL = Path.of("/proc/sys/kernel");

  private KernelLimits() {}

  /**
   * The share of a CPU, 0 to 1, that real-time threads may use; 1 if there is no limit, the usual
   * 0.95 where it can't be read.
   */
  public static double realTimeShare() {
    try {
      long runtime = number("sched_rt_runtime_us");
      long period = number("sched_rt_period_us");
      return runtime < 0 || period <= 0 ? 1 : Math.min(1, runtime / (double) period);
    } catch (IOException | NumberFormatException e) {
      return 0.95;
    }
  }

  private static long number(String file) throws IOException {
    return Long.parseLong(Files.readString(KERNEL.resolve(file), US_ASCII).strip());
  }
}
