package dev.fareway.activator.main;

import dev.fareway.activator.kubernetes.LoggingSettings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Changes what this process logs, and how, while it runs. Not thread-safe. */
final class Logs {
  /** Held: the JVM forgets loggers that nobody holds, with their levels. */
  private final Logger all = Logger.getLogger("");

  private final Logger own = Logger.getLogger("dev.fareway");
  private final Map<Handler, Formatter> before = new HashMap<>();

  /** From now on as this says. */
  void apply(LoggingSettings settings) {
    Level level =
        switch (settings.level()) {
          case DEBUG -> Level.FINE;
          case INFO -> Level.INFO;
          case WARN -> Level.WARNING;
          case ERROR -> Level.SEVERE;
        };
    own.setLevel(level);
    // What libraries say in detail helps no one to understand the activator.
    all.setLevel(level.intValue() < Level.INFO.intValue() ? Level.INFO : level);
    for (Handler handler : all.getHandlers()) {
      Formatter text = before.computeIfAbsent(handler, Handler::getFormatter);
      handler.setFormatter(settings.json() == null ? text : new JsonLines(settings.json()));
      handler.setLevel(level);
    }
  }

  /** A line of JSON for each record. */
  static final class JsonLines extends Formatter {
    private final LoggingSettings.Json keys;

    JsonLines(LoggingSettings.Json keys) {
      this.keys = keys;
    }

    @Override
    public String format(LogRecord record) {
      var line = new StringBuilder(256).append('{');
      put(line, keys.time(), record.getInstant().toString());
      put(line, keys.level(), severity(record.getLevel()));
      put(line, keys.name(), record.getLoggerName());
      put(line, keys.message(), formatMessage(record));
      Throwable thrown = record.getThrown();
      if (thrown != null) {
        var stack = new StringWriter();
        thrown.printStackTrace(new PrintWriter(stack, true));
        put(line, keys.stack(), stack.toString());
      }
      return line.append("}\n").toString();
    }

    private static String severity(Level level) {
      if (level.intValue() >= Level.SEVERE.intValue()) {
        return "ERROR";
      }
      if (level.intValue() >= Level.WARNING.intValue()) {
        return "WARNING";
      }
      return level.intValue() >= Level.INFO.intValue() ? "INFO" : "DEBUG";
    }

    private static void put(StringBuilder line, String key, @Nullable String value) {
      if (key.isEmpty() || value == null) {
        return;
      }
      if (line.length() > 1) {
        line.append(',');
      }
      quote(line, key);
      line.append(':');
      quote(line, value);
    }

    private static void quote(StringBuilder line, String text) {
      line.append('"');
      for (int i = 0; i < text.length(); i++) {
        char each = text.charAt(i);
        switch (each) {
          case '"', '\\' -> line.append('\\').append(each);
          case '\n' -> line.append("\\n");
          case '\t' -> line.append("\\t");
          default -> {
            if (each < ' ' || Character.isSurrogate(each)) {
              line.append("\\u").append("%04x".formatted((int) each));
            } else {
              line.append(each);
            }
          }
        }
      }
      line.append('"');
    }
  }
}
