package dev.fareway.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said beside a bill of how final it is. */
class BillNotesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2026-11-30T23:59:59Z | Note: The month 2026-11 is not over: this is what it cost so far.",
        "2026-12-01T00:00:00Z | Note: Nodes that were cut off may charge to 2026-11 until the end of 2026-12-03: it may still come to more.",
        "2026-12-03T23:59:59Z | Note: Nodes that were cut off may charge to 2026-11 until the end of 2026-12-03: it may still come to more.",
        "2026-12-04T00:00:00Z | ''",
        "2026-10-31T23:59:59Z | Note: The month 2026-11 has not begun."
      })
  void note_saysWhetherTheBillIsFinal(String now, String note) {
    var err = new StringWriter();
    int code =
        KubectlFareway.commandLine(
                _ -> ClusterFake.ofFile(),
                Clock.fixed(Instant.parse(now), ZoneOffset.UTC),
                new PrintWriter(new StringWriter()),
                new PrintWriter(err, true))
            .execute("bill", "--month", "2026-11");

    assertEquals(0, code);
    assertEquals(note, err.toString().strip());
  }
}
