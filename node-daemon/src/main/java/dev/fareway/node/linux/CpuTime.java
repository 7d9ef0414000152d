package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How busy the CPUs are, all together, from the first line of {@code /proc/stat} (proc(5)). */
final class CpuTime {
  private static final int IDLE = 4;
  private static final int IO_WAIT = 5;
  private static final int STEAL = 8;

  private final Path stat;
  private long lastBusy;
  private long lastAll;

  CpuTime(Path stat) {
    this.stat = stat;
  }

  /**
   * The share of time that the CPUs were busy since the last call, 0 to 1; since boot at the first.
   * Where it can't be read they count as busy.
   */
  double busyShare() {
    try (BufferedReader reader = Files.newBufferedReader(stat, US_ASCII)) {
      String[] fields = reader.readLine().split(" +", -1);
      long all = 0;
      // What comes after steal is guests' time, and is part of the first two.
      for (int i = 1; i <= STEAL; i++) {
        all += Long.parseLong(fields[i]);
      }
      long busy = all - Long.parseLong(fields[IDLE]) - Long.parseLong(fields[IO_WAIT]);
      double share = all == lastAll ? 1 : (busy - lastBusy) / (double) (all - lastAll);
      lastBusy = busy;
      lastAll = all;
      return share;
    } catch (IOException | RuntimeException e) {
      return 1;
    }
  }
}
