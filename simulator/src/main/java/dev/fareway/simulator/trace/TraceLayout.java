package dev.fareway.simulator.trace;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Layouts of published traces, told apart by their heads. {@code docs/traces.md} has them all. */
public enum TraceLayout {
  /** Azure Functions 2019: invocations a minute by function, run times as quantiles by the day. */
  AZURE_2019("HashOwner", "HashApp", "HashFunction", "Trigger", "1"),

  /** Azure Functions 2021: every invocation, with its end and its duration. */
  AZURE_2021("app", "func", "end_timestamp", "duration"),

  /** Huawei 2023: requests a second or a minute, a column for each function. */
  HUAWEI_2023("day", "time"),

  /** Huawei 2025: every request. */
  HUAWEI_2025("time_worker", "funcName", "runtimeCost", "memory_usage");

  @SuppressWarnings("ImmutableEnumChecker") // it is one of List.of
  private final List<String> columns;

  TraceLayout(String... columns) {
    this.columns = List.of(columns);
  }

  /** Its name in options. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The layout of that name. */
  public static Optional<TraceLayout> named(String key) {
    return Arrays.stream(values()).filter(layout -> layout.key().equals(key)).findFirst();
  }

  /** The layout whose columns a head has. */
  static Optional<TraceLayout> of(List<String> head) {
    return Arrays.stream(values())
        .filter(
            layout ->
                layout == HUAWEI_2023
                    ? head.size() > 2 && head.subList(0, 2).equals(layout.columns)
                    : head.containsAll(layout.columns))
        .findFirst();
  }
}
