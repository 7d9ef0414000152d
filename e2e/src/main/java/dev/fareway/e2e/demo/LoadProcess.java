package dev.fareway.e2e.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fareway.e2e.load.LoadGenerator;
import dev.fareway.e2e.load.LoadPlan;
import dev.fareway.e2e.load.Samples;
import dev.fareway.e2e.process.OwnSession;
import dev.fareway.e2e.report.Run;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The load generator as a process of its own, with nothing in it that could disturb a measurement.
 */
public final class LoadProcess {
  /** Enough for all it allocates in a run, so that no garbage is collected while it measures. */
  private static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xmx256m",
          "-Xmn192m",
          "-XX:TieredStopAtLevel=1",
          "-XX:-UsePerfData",
          "--enable-native-access=ALL-UNNAMED");

  private static final long END_SECONDS = 10;

  private final Path folder;
  private final List<String> through;

  /**
   * A generator that keeps its files in a folder.
   *
   * @param folder an existing folder
   */
  public LoadProcess(Path folder) {
    this(folder, List.of());
  }

  /**
   * The same, started through another program.
   *
   * @param through that program and its arguments, such as {@code taskset -c 1}
   */
  public LoadProcess(Path folder, List<String> through) {
    this.folder = folder;
    this.through = List.copyOf(through);
  }

  /**
   * Runs a load to its end.
   *
   * @param name for its files
   * @throws DemoFailure if the generator fails
   */
  public Run run(String name, LoadPlan plan, LoadProgress progress)
      throws IOException, InterruptedException {
    Path planFile = folder.resolve(name + "-plan.json");
    Path record = folder.resolve(name + "-requests.bin");
    Path errors = folder.resolve(name + "-generator.log");
    Files.write(planFile, new ObjectMapper().writeValueAsBytes(plan));
    List<String> command = new ArrayList<>(through);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_OPTIONS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(LoadGenerator.class.getName(), "" + planFile, "" + record));
    Process process =
        new ProcessBuilder(OwnSession.command(command))
            .redirectError(ProcessBuilder.Redirect.to(errors.toFile()))
            .start();
    try {
      String generator = follow(process, progress);
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new DemoFailure("the load generator failed: " + Files.readString(errors).strip());
      }
      return new Run(plan, Samples.read(record), generator);
    } finally {
      process.destroyForcibly();
    }
  }

  /** Reads what the generator says until it ends; returns how it ran. */
  private static String follow(Process process, LoadProgress progress)
      throws IOException, InterruptedException {
    String generator = "not known";
    // Reading a pipe can't be interrupted; looking whether there is something to read can.
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      while (true) {
        while (!lines.ready()) {
          if (!process.isAlive() && !lines.ready()) {
            return generator;
          }
          Thread.sleep(50);
        }
        String line = lines.readLine();
        if (line == null) {
          return generator;
        }
        String[] words = line.split(" ", 2);
        if (words.length == 2) {
          switch (words[0]) {
            case "priority" -> generator = describe(words[1]);
            case "progress" -> tell(words[1].split(" ", -1), progress);
            default -> throw new IOException("the load generator said: " + line);
          }
        }
      }
    }
  }

  private static void tell(String[] numbers, LoadProgress progress) {
    progress.at(
        Long.parseLong(numbers[0]),
        Long.parseLong(numbers[1]),
        Long.parseLong(numbers[2]),
        Long.parseLong(numbers[3]));
  }

  private static String describe(String priority) {
    return priority.startsWith("normal")
        ? "at normal priority, not above what it measures (" + priority + ")"
        : "SCHED_FIFO priority " + priority + ", above what it measures";
  }

  /** Told twice a second how far a load is. */
  public interface LoadProgress {
    /**
     * So far.
     *
     * @param millis since the load began
     * @param sent requests sent
     * @param done requests completed, failed ones too
     * @param failed requests failed
     */
    void at(long millis, long sent, long done, long failed);
  }
}
