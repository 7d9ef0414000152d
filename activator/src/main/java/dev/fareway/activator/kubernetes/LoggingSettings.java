package dev.fareway.activator.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Knative's ConfigMap {@code config-logging} says of the activator's log.
 *
 * @param level from where on it is written
 * @param json how a line of JSON is written; null: lines are text
 */
public record LoggingSettings(Level level, @Nullable Json json) {
  private static final String LEVEL = "loglevel.activator";
  private static final String LOGGER = "zap-logger-config";

  /** From where on something is written. */
  public enum Level {
    DEBUG,
    INFO,
    WARN,
    ERROR
  }

  /**
   * What each part of a line is called; empty: it is left out.
   *
   * @param time when it was, as ISO 8601 has it
   * @param level how grave it is
   * @param name who says it
   * @param message what
   * @param stack where a failure came from
   */
  public record Json(String time, String level, String name, String message, String stack) {}

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException naming key, value and remedy, if one is malformed
   */
  public static LoggingSettings parse(Map<String, String> data) {
    Map<?, ?> logger = logger(data.getOrDefault(LOGGER, ""));
    String own = data.getOrDefault(LEVEL, "");
    String level = own.isEmpty() ? text(logger, "level", "info", LOGGER + ": level") : own;
    String encoding = text(logger, "encoding", "console", LOGGER + ": encoding");
    Json json =
        switch (encoding) {
          case "json" -> json(logger);
          case "console" -> null;
          default ->
              throw new IllegalArgumentException(
                  "config-logging says %s: encoding: %s; write json or console"
                      .formatted(LOGGER, encoding));
        };
    return new LoggingSettings(level(own.isEmpty() ? LOGGER + ": level" : LEVEL, level), json);
  }

  private static Map<?, ?> logger(String text) {
    if (text.isBlank()) {
      return Map.of();
    }
    try {
      Map<?, ?> read = Serialization.unmarshal(text, HashMap.class);
      return read == null ? Map.of() : read;
    } catch (KubernetesClientException | IllegalArgumentException malformed) {
      throw new IllegalArgumentException(
          "config-logging says %s, which is no JSON object; write one, or take the key out"
              .formatted(LOGGER),
          malformed);
    }
  }

  private static Json json(Map<?, ?> logger) {
    Map<?, ?> keys = logger.get("encoderConfig") instanceof Map<?, ?> map ? map : Map.of();
    String in = LOGGER + ": encoderConfig";
    return new Json(
        text(keys, "timeKey", "timestamp", in),
        text(keys, "levelKey", "severity", in),
        text(keys, "nameKey", "logger", in),
        text(keys, "messageKey", "message", in),
        text(keys, "stacktraceKey", "stacktrace", in));
  }

  private static Level level(String key, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "debug" -> Level.DEBUG;
      case "info" -> Level.INFO;
      case "warn" -> Level.WARN;
      case "error", "dpanic", "panic", "fatal" -> Level.ERROR;
      default ->
          throw new IllegalArgumentException(
              "config-logging says %s: %s; write debug, info, warn or error".formatted(key, value));
    };
  }

  private static String text(Map<?, ?> in, String key, String otherwise, String where) {
    Object value = in.get(key);
    return switch (value) {
      case null -> otherwise;
      case String text -> text;
      default ->
          throw new IllegalArgumentException(
              "config-logging says %s with %s: %s, which is no text; write it in quotes"
                  .formatted(where, key, value));
    };
  }
}
