package dev.fareway.e2e.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fareway.e2e.load.RealtimePriority;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class StopOnSignalTest {
  private static final int TRIES = 600;

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void signal_underLoad_leavesNothingBehind(String signal, @TempDir Path folder) throws Exception {
    assumeTrue(
        RealtimePriority.probe().isEmpty(),
        () -> "needs the right to set real-time priorities: " + RealtimePriority.probe());
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Process demo =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                BareDemo.class.getName(),
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
        for (int i = 0; i < TRIES && demo.descendants().count() <= functions(); i++) {
          assertTrue(demo.isAlive(), "the demo ended by itself");
          Thread.sleep(50);
        }
        started = demo.descendants().toList();
        assertEquals(functions() + 1, started.size());

        // When it is told to stop
        int kill = new ProcessBuilder("kill", "-" + signal, "" + demo.pid()).start().waitFor();
        assertEquals(0, kill);

        // Then it ends with all it started, without a report
        assertTrue(demo.waitFor(60, TimeUnit.SECONDS), "it goes on");
        assertTrue(demo.exitValue() != 0);
      }
      for (ProcessHandle process : started) {
        process.onExit().get(10, TimeUnit.SECONDS);
      }
      try (var left = Files.list(temporary)) {
        assertEquals(List.of(), left.filter(file -> !isVirtualMachines(file)).toList());
      }
      assertFalse(Files.exists(folder.resolve("report/report.json")));
    } finally {
      demo.descendants().forEach(ProcessHandle::destroyForcibly);
      demo.destroyForcibly();
      started.forEach(ProcessHandle::destroyForcibly);
    }
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
