package dev.fareway.e2e.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class StopOnSignalTest {
  private static final int TRIES = 600;

  private enum Target {
    PROCESS,
    PROCESS_GROUP
  }

  @BeforeEach
  void canRunHere() {
    Prerequisites.assumeRealTime();
  }

  @Test
  void ctrlC_underLoad_leavesNothingBehind(@TempDir Path folder) throws Exception {
    stopUnderLoad("INT", Target.PROCESS_GROUP, BareDemo.class, 1, folder);
  }

  /** A terminal's Ctrl-C goes to all processes that are not in a session of their own. */
  @Test
  void ctrlC_onACluster_leavesNothingBehind(@TempDir Path folder) throws Exception {
    Prerequisites.assumePackages();
    stopUnderLoad("INT", Target.PROCESS_GROUP, MockDemo.class, 3, folder);
  }

  @Test
  void sigterm_onACluster_leavesNothingBehind(@TempDir Path folder) throws Exception {
    Prerequisites.assumePackages();
    // The load generator, the operator and the node daemon
    stopUnderLoad("TERM", Target.PROCESS, MockDemo.class, 3, folder);
  }

  private static void stopUnderLoad(
      String signal, Target target, Class<?> main, int others, Path folder) throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Process demo =
        new ProcessBuilder(
                // A shell without job control starts what is in its background deaf to Ctrl-C.
                "env",
                "--default-signal=INT",
                "setsid",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                "--seconds",
                "300",
                "--report",
                folder.resolve("report").toString())
            .redirectErrorStream(true)
            .start();
    List<ProcessHandle> started = List.of();
    try {
      // Given a demo whose functions and load generator run
      try (BufferedReader lines = demo.inputReader(UTF_8)) {
        String line = lines.readLine();
        while (line != null && !line.startsWith("Placed by Fareway")) {
          line = lines.readLine();
        }
        started = awaitStarted(demo, functions() + others);

        // When it is told to stop
        String receiver = (target == Target.PROCESS_GROUP ? "-" : "") + demo.pid();
        int kill = new ProcessBuilder("kill", "-" + signal, "--", receiver).start().waitFor();
        assertEquals(0, kill);

        // Then it ends with all it started, without a report
        assertTrue(demo.waitFor(60, TimeUnit.SECONDS), "it goes on");
        assertTrue(demo.exitValue() != 0);
      }
      for (ProcessHandle process : started) {
        process.onExit().get(10, TimeUnit.SECONDS);
      }
      try (var files = Files.list(temporary)) {
        assertEquals(List.of(), files.filter(file -> !isVirtualMachines(file)).toList());
      }
      assertEquals(Set.of(), Cgroups.of(demo.pid()));
      assertFalse(Files.exists(folder.resolve("report/report.json")));
    } finally {
      List<ProcessHandle> left = Stream.concat(demo.descendants(), started.stream()).toList();
      demo.destroyForcibly().waitFor();
      for (ProcessHandle process : left) {
        process.destroyForcibly();
        process.onExit().get(10, TimeUnit.SECONDS);
      }
      Cgroups.remove(demo.pid());
    }
  }

  /**
   * A process that is being started has a helper for a moment: the same ones are to be seen twice.
   */
  private static List<ProcessHandle> awaitStarted(Process demo, int expected)
      throws InterruptedException {
    List<ProcessHandle> before = List.of();
    for (int i = 0; i < TRIES; i++) {
      assertTrue(demo.isAlive(), "the demo ended by itself");
      List<ProcessHandle> now = demo.descendants().toList();
      if (now.size() == expected && now.equals(before)) {
        return now;
      }
      before = now;
      Thread.sleep(100);
    }
    throw new AssertionError("not %d processes, but %d".formatted(expected, before.size()));
  }

  private static int functions() {
    int cores = Runtime.getRuntime().availableProcessors();
    return Scenario.of(cores, Duration.ofMinutes(5)).functions().stream()
        .mapToInt(DemoFunction::replicas)
        .sum();
  }

  private static boolean isVirtualMachines(Path file) {
    return file.getFileName().toString().startsWith("hsperfdata_");
  }
}
