package dev.fareway.e2e.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fareway.e2e.load.RealtimePriority;
import dev.fareway.e2e.report.ReportSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(180)
class DemoCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final StringWriter messages = new StringWriter();

  private int execute(DemoCommand.ClusterStarter starter, String... options) {
    CommandLine line =
        DemoCommand.commandLine(
            new DemoCommand(
                starter, new PrintStream(out, true, UTF_8), new PrintStream(out), false));
    line.setErr(new PrintWriter(messages, true));
    line.setOut(new PrintWriter(messages, true));
    return line.execute(options);
  }

  private static DemoCluster none(Path folder, Progress progress) {
    throw new DemoFailure("no cluster was to be started");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "--seconds, 2, --seconds must be from 3 to 3600",
        "--seconds, 3601, --seconds must be from 3 to 3600",
        "--seconds, many, 'many' is not an int",
        "--seed, 1.5, '1.5' is not a long",
        "--sedd, 1, '--sedd'",
        "--report, , Missing required parameter for option '--report'"
      })
  void badOption_isOneSentenceAndStatus2(String option, String value, String words) {
    int status =
        value == null
            ? execute(DemoCommandTest::none, option)
            : execute(DemoCommandTest::none, option, value);

    assertEquals(2, status);
    assertTrue(messages.toString().contains(words), messages::toString);
    assertEquals(2, messages.toString().lines().count(), messages::toString);
  }

  @Test
  void help_teachesByExamples_within88Columns() {
    assertEquals(0, execute(DemoCommandTest::none, "--help"));

    String help = messages.toString();
    for (String expected :
        List.of("--seconds", "--seed", "--report", "--keep", "./fareway demo --seconds 60")) {
      assertTrue(help.contains(expected), help);
    }
    assertTrue(help.lines().allMatch(line -> line.length() <= 88), help);
  }

  @Test
  void reportFolder_thatCanNotBe_isRefusedBeforeAnythingStarts(@TempDir Path folder)
      throws IOException {
    Path file = Files.createFile(folder.resolve("taken"));

    assertEquals(1, execute(DemoCommandTest::none, "--report", file.toString()));

    assertTrue(out.toString(UTF_8).contains(file.toString()), () -> out.toString(UTF_8));
  }

  @Test
  void demo_measuresReportsAndLeavesNothingBehind(@TempDir Path folder) throws Exception {
    assumeTrue(
        RealtimePriority.probe().isEmpty(),
        () -> "needs the right to set real-time priorities: " + RealtimePriority.probe());
    AtomicReference<BareCluster> cluster = new AtomicReference<>();
    AtomicReference<Path> work = new AtomicReference<>();

    int status =
        execute(
            (path, progress) -> {
              work.set(path);
              cluster.set(new BareCluster());
              return cluster.get();
            },
            "--seconds",
            "3",
            "--report",
            folder.toString());

    String said = out.toString(UTF_8);
    assertEquals(0, status, said);
    assertTrue(said.contains("requests of the three runs were answered."), said);
    String json = Files.readString(folder.resolve("report.json"));
    assertEquals("", ReportSchema.complaints(json));
    JsonNode report = new ObjectMapper().readTree(json);
    assertEquals(0, report.path("verdict").path("errors").asInt());
    for (JsonNode priceClass : report.path("classes")) {
      // The same requests with Fareway as without.
      JsonNode whole = priceClass.path("fareway").path("phases").path("whole");
      assertTrue(whole.path("requests").asInt() > 0);
      assertEquals(
          whole.path("requests"),
          priceClass.path("crowded").path("phases").path("whole").path("requests"));
    }
    assertTrue(Files.readString(folder.resolve("report.html")).endsWith("</html>\n"));
    try (var files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
    assertFalse(Files.exists(work.get()));
    for (Process process : cluster.get().processes()) {
      assertTrue(process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS));
    }
  }
}
