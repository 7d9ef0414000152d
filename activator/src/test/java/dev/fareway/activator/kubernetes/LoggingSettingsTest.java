package dev.fareway.activator.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.activator.kubernetes.LoggingSettings.Level;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoggingSettingsTest {
  private static final String LOGGER = "zap-logger-config";

  @Test
  void parse_ofNothing_isInfoAsText() {
    assertEquals(new LoggingSettings(Level.INFO, null), LoggingSettings.parse(Map.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "debug,DEBUG",
    "info,INFO",
    "INFO,INFO",
    "warn,WARN",
    "error,ERROR",
    "dpanic,ERROR",
    "fatal,ERROR"
  })
  void activatorsLevel_isKnativesWord(String level, Level expected) {
    assertEquals(expected, LoggingSettings.parse(Map.of("loglevel.activator", level)).level());
  }

  @Test
  void activatorsOwnLevel_countsBeforeTheCommonOne() {
    String common = "{\"level\": \"error\", \"encoding\": \"console\"}";
    assertEquals(Level.ERROR, LoggingSettings.parse(Map.of(LOGGER, common)).level());
    LoggingSettings both =
        LoggingSettings.parse(
            Map.of(LOGGER, common, "loglevel.activator", "debug", "loglevel.controller", "warn"));
    assertEquals(Level.DEBUG, both.level());
    assertNull(both.json());
  }

  @Test
  void encoding_isFollowed_withTheNamesOfItsParts() {
    assertEquals(
        new LoggingSettings.Json("timestamp", "severity", "logger", "message", "stacktrace"),
        LoggingSettings.parse(Map.of(LOGGER, "{\"encoding\": \"json\"}")).json());
    assertEquals(
        new LoggingSettings.Json("ts", "severity", "", "msg", "stacktrace"),
        LoggingSettings.parse(
                Map.of(
                    LOGGER,
                    """
                    {"encoding": "json", "encoderConfig": {"timeKey": "ts", "nameKey": "", "messageKey": "msg"}}
                    """))
            .json());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "loglevel.activator | loud | loglevel.activator: loud",
        "zap-logger-config | {\"level\": \"loud\"} | zap-logger-config: level: loud",
        "zap-logger-config | {\"level\": 3} | level: 3",
        "zap-logger-config | {\"encoding\": \"xml\"} | encoding: xml",
        "zap-logger-config | {\"level\": | no JSON object",
        "zap-logger-config | [1] | no JSON object",
        "zap-logger-config | words | no JSON object"
      })
  void malformed_isRefusedByName(String key, String value, String named) {
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class, () -> LoggingSettings.parse(Map.of(key, value)))
                .getMessage());
    assertTrue(message.contains(named), message);
  }
}
