package dev.fareway.e2e.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private String run(boolean terminal) {
    Progress progress = new Progress(new PrintStream(bytes, true, UTF_8), terminal);
    progress.say("Starting");
    for (int i = 0; i <= 60; i++) {
      progress.load("[1/3] unloaded", i, 60, "before, " + i + " waiting");
    }
    progress.endLine();
    progress.say("Done");
    return bytes.toString(UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void terminal_showsOneLineThatChangesInPlace() {
    String said = run(true);

    assertEquals(3, said.split("\n").length);
    assertTrue(
        said.contains("\r[1/3] unloaded [############------------] 30/60 s, before, 30 waiting"));
    for (String line : said.split("[\r\n]", -1)) {
      assertTrue(line.length() <= 79, line);
    }
  }

  @Test
  void elsewhere_showsFewPlainLines() {
    assertEquals(
        """
        Starting
        [1/3] unloaded: 15 of 60 s, before, 15 waiting
        [1/3] unloaded: 30 of 60 s, before, 30 waiting
        [1/3] unloaded: 45 of 60 s, before, 45 waiting
        [1/3] unloaded: 60 of 60 s, before, 60 waiting
        Done
        """,
        run(false));
  }
}
