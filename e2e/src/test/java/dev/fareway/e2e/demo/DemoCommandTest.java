package dev.fareway.e2e.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

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
}
