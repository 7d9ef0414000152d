package dev.fareway.activator.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fareway.activator.kubernetes.LoggingSettings;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogsTest {
  @Test
  void jsonLine_isOneLine_whateverIsSaid() throws Exception {
    var lines =
        new Logs.JsonLines(
            new LoggingSettings.Json("timestamp", "severity", "logger", "message", "stacktrace"));
    var record = new LogRecord(Level.WARNING, "a \"quote\"\n\tand \\ \u0001 {0} \ud83d\ude80");
    record.setLoggerName("dev.fareway.activator");
    record.setInstant(Instant.parse("2026-01-02T03:04:05.678Z"));
    record.setThrown(new IllegalStateException("why"));

    String line = lines.format(record);

    assertEquals(line.length() - 1, line.indexOf('\n'));
    JsonNode read = new ObjectMapper().readTree(line);
    assertEquals("2026-01-02T03:04:05.678Z", read.get("timestamp").asText());
    assertEquals("WARNING", read.get("severity").asText());
    assertEquals("dev.fareway.activator", read.get("logger").asText());
    assertEquals(record.getMessage(), read.get("message").asText());
    assertTrue(read.get("stacktrace").asText().contains("IllegalStateException: why"));
  }

  @Test
  void jsonLine_leavesOutWhatHasNoName() throws Exception {
    var lines = new Logs.JsonLines(new LoggingSettings.Json("", "level", "", "msg", ""));
    var record = new LogRecord(Level.FINE, "said");
    record.setThrown(new IllegalStateException("why"));

    JsonNode read = new ObjectMapper().readTree(lines.format(record));

    assertEquals("DEBUG", read.get("level").asText());
    assertEquals("said", read.get("msg").asText());
    assertFalse(read.has(""));
    assertEquals(2, read.size());
  }
}
