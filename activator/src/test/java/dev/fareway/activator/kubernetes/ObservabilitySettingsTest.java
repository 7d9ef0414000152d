package dev.fareway.activator.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObservabilitySettingsTest {
  @ParameterizedTest
  @CsvSource({
    "runtime-profiling,enabled,true",
    "runtime-profiling,disabled,false",
    "profiling.enable,true,true",
    "profiling.enable,false,false",
    "metrics-protocol,prometheus,false"
  })
  void profiling_isKnativesWord(String key, String value, boolean expected) {
    assertEquals(expected, ObservabilitySettings.parse(Map.of(key, value)).isProfiling());
  }

  @Test
  void profilingsNewKey_countsBeforeTheOldOne() {
    assertEquals(
        false,
        ObservabilitySettings.parse(
                Map.of("runtime-profiling", "disabled", "profiling.enable", "true"))
            .isProfiling());
  }

  @Test
  void whatIsFollowedAnyway_isNotComplainedOf() {
    for (Map<String, String> data :
        List.of(
            Map.<String, String>of(),
            Map.of("metrics-protocol", "none"),
            Map.of("metrics-protocol", "prometheus", "tracing-protocol", "none"),
            Map.of("metrics.backend-destination", "prometheus"),
            Map.of("logging.enable-request-log", "false", "request-metrics-protocol", "grpc"))) {
      assertEquals(List.of(), ObservabilitySettings.parse(data).notFollowed());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "metrics-protocol,http/protobuf,metrics-protocol: http/protobuf (metrics are for Prometheus",
    "metrics-protocol,grpc,metrics-protocol: grpc (metrics",
    "metrics.backend-destination,opencensus,metrics.backend-destination: opencensus (metrics",
    "tracing-protocol,grpc,tracing-protocol: grpc (it writes no spans",
    "logging.enable-request-log,true,logging.enable-request-log: true (queue-proxies"
  })
  void whatIsNotFollowed_isSaidWithWhatThereIsInstead(String key, String value, String said) {
    List<String> notFollowed = ObservabilitySettings.parse(Map.of(key, value)).notFollowed();
    assertEquals(1, notFollowed.size());
    assertTrue(notFollowed.getFirst().startsWith(said), notFollowed.getFirst());
  }

  @ParameterizedTest
  @CsvSource({"metrics-protocol,smoke", "runtime-profiling,maybe"})
  void malformed_isRefusedByName(String key, String value) {
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () -> ObservabilitySettings.parse(Map.of(key, value)))
                .getMessage());
    assertTrue(message.contains("config-observability says " + key + ": " + value), message);
  }
}
