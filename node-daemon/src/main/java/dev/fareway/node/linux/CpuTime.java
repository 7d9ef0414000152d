package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** How busy each CPU is, from {@code /proc/stat} (proc(5)). */
final class CpuTime {
  private static final int IDLE = 4;
  private static final int IO_WAIT = 5;
  private static final int STEAL = 8;

  private final Path stat;
  private final Map<String, long[]> last = new HashMap<>();

  CpuTime(Path stat) {
    this.stat = stat;
  }

  /**
   * The share of time, 0 to 1, that the busiest CPU was busy since the last call; since boot at the
   * first. Where it can't be read the CPUs count as busy.
   */
  double busiestShare() {
    double most = 0;
    try (BufferedReader reader = Files.newBufferedReader(stat, US_ASCII)) {
      reader.readLine(); // All of them together.
      for (String line = reader.readLine();
          line != null && line.startsWith("cpu");
          line = reader.readLine()) {
        most = Math.max(most, share(line.split(" +", -1)));
      }
      return most;
    } catch (IOException | RuntimeException e) {
      return 1;
    }
  }

  private double share(String[] fields) {
    long all = 0;
    // What comes after steal is guests' time, and is part of the first two.
    for (int i = 1; i <= STEAL; i++) {
      all += Long.parseLong(fields[i]);
    }
    long busy = all - Long.parseLong(fields[IDLE]) - Long.parseLong(fields[IO_WAIT]);
    long[] before = last.getOrDefault(fields[0], new long[2]);
    last.put(fields[0], new long[] {busy, all});
    return all == before[1] ? 1 : (busy - before[0]) / (double) (all - before[1]);
  }
}
