package dev.fareway.e2e.demo;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What the kernel says of a process' threads: proc(5), {@code /proc/PID/task/TID/stat}. */
public final class ThreadPolicies {
  private static final String SCHED_FIFO = "1";

  /** The policy is the 41st field; the fields are counted here from after the command's name. */
  private static final int POLICY_FIELD = 41 - 3;

  private ThreadPolicies() {}

  /** How many of a process' threads are under {@code SCHED_FIFO}, and how many are not. */
  public record Counts(int realTime, int other) {}

  /** Counts them; none of a process that is gone. */
  public static Counts of(long process) throws IOException {
    int realTime = 0;
    int other = 0;
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc/" + process + "/task"))) {
      for (Path thread : threads) {
        try {
          String stat = Files.readString(thread.resolve("stat"));
          String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
          if (fields[POLICY_FIELD].equals(SCHED_FIFO)) {
            realTime++;
          } else {
            other++;
          }
        } catch (NoSuchFileException e) {
          // A thread that has ended meanwhile.
        }
      }
    } catch (NoSuchFileException e) {
      return new Counts(0, 0);
    }
    return new Counts(realTime, other);
  }
}
