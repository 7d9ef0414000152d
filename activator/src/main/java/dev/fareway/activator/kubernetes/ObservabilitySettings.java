package dev.fareway.activator.kubernetes;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What Knative's ConfigMap {@code config-observability} says to the activator.
 *
 * @param isProfiling whether profiles may be asked for
 * @param notFollowed what it asks for and doesn't get, each with what there is in its place
 */
public record ObservabilitySettings(boolean isProfiling, List<String> notFollowed) {
  private static final String METRICS = "metrics-protocol";
  private static final String OLD_METRICS = "metrics.backend-destination";
  private static final String PROFILING = "runtime-profiling";
  private static final String OLD_PROFILING = "profiling.enable";
  private static final String TRACING = "tracing-protocol";
  private static final String REQUESTS = "logging.enable-request-log";

  public ObservabilitySettings {
    notFollowed = List.copyOf(notFollowed);
  }

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException naming key, value and remedy, if one is malformed
   */
  public static ObservabilitySettings parse(Map<String, String> data) {
    var notFollowed = new ArrayList<String>();
    metrics(data, notFollowed);
    String tracing = data.getOrDefault(TRACING, "");
    if (!tracing.isEmpty() && !tracing.equals("none")) {
      notFollowed.add(
          "%s: %s (it writes no spans; trace headers pass through)".formatted(TRACING, tracing));
    }
    if (isTrue(data, REQUESTS)) {
      notFollowed.add(REQUESTS + ": true (queue-proxies write a line for each request)");
    }
    return new ObservabilitySettings(isProfiling(data), notFollowed);
  }

  private static void metrics(Map<String, String> data, List<String> notFollowed) {
    String protocol = data.getOrDefault(METRICS, "");
    String old = data.getOrDefault(OLD_METRICS, "");
    String instead = "(metrics are for Prometheus on port 9090, whatever it says)";
    switch (protocol) {
      case "", "none" -> {}
      case "prometheus" -> {
        String endpoint = data.getOrDefault("metrics-endpoint", "");
        if (!endpoint.isEmpty()) {
          notFollowed.add("metrics-endpoint: %s %s".formatted(endpoint, instead));
        }
      }
      case "http/protobuf", "grpc" ->
          notFollowed.add("%s: %s %s".formatted(METRICS, protocol, instead));
      default ->
          throw new IllegalArgumentException(
              "config-observability says %s: %s; write none, prometheus, http/protobuf or grpc"
                  .formatted(METRICS, protocol));
    }
    if (protocol.isEmpty() && !old.isEmpty() && !old.equals("prometheus") && !old.equals("none")) {
      notFollowed.add("%s: %s %s".formatted(OLD_METRICS, old, instead));
    }
  }

  private static boolean isProfiling(Map<String, String> data) {
    String value = data.getOrDefault(PROFILING, "");
    return switch (value) {
      case "enabled" -> true;
      case "disabled" -> false;
      case "" -> isTrue(data, OLD_PROFILING);
      default ->
          throw new IllegalArgumentException(
              "config-observability says %s: %s; write enabled or disabled"
                  .formatted(PROFILING, value));
    };
  }

  private static boolean isTrue(Map<String, String> data, String key) {
    return data.getOrDefault(key, "").equalsIgnoreCase("true");
  }
}
