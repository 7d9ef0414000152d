package dev.fareway.simulator.trace;

import dev.fareway.simulator.trace.Function.Trigger;
import dev.fareway.simulator.workload.Runtimes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the published traces; {@code docs/traces.md} tells of their columns. */
public final class TraceReader {
  private static final long MINUTE_NANOS = 60_000_000_000L;
  private static final long SECOND_NANOS = 1_000_000_000L;

  /** So many invocations are kept at most: about 300 MB. */
  private static final int MOST_INVOCATIONS = 10_000_000;

  /** So many functions in one second or minute can be told apart. */
  private static final int MOST_FUNCTIONS = 1 << 24;

  private static final double[] DURATION_SHARES = {0, 0.01, 0.25, 0.5, 0.75, 0.99, 1};
  private static final double[] MEMORY_SHARES = {0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1};

  /**
   * What to read.
   *
   * @param invocations the file with the invocations
   * @param layout null: by its head
   * @param durations a file with run times, for layouts that have them apart; null: none
   * @param memory a file with memory, for the same; null: none
   * @param delayUnitNanos unit of Huawei's function delays
   * @param fromMinute the first minute of the trace to read, from 0
   * @param minutes how many of them, 1 or more
   */
  public record Source(
      Path invocations,
      @Nullable TraceLayout layout,
      @Nullable Path durations,
      @Nullable Path memory,
      long delayUnitNanos,
      int fromMinute,
      int minutes) {}

  private final Source source;
  private final Runtimes fallback;

  /**
   * A reader.
   *
   * @param fallback how long functions run of which the trace says nothing
   */
  public TraceReader(Source source, Runtimes fallback) {
    this.source = source;
    this.fallback = fallback;
  }

  /** Which layout the file with the invocations has. */
  public TraceLayout layout() throws IOException {
    if (source.layout != null) {
      return source.layout;
    }
    try (var rows = new CsvRows(source.invocations)) {
      return TraceLayout.of(rows.columns())
          .orElseThrow(
              () ->
                  new MalformedTraceException(
                      source.invocations, 1, "the head is that of no known layout"));
    }
  }

  /**
   * Reads it.
   *
   * @throws IOException if a file can't be read
   * @throws MalformedTraceException if one is not as it should be
   */
  public Trace read() throws IOException {
    Trace trace =
        switch (layout()) {
          case AZURE_2019 -> azure2019();
          case AZURE_2021 -> azure2021();
          case HUAWEI_2023 -> huawei2023();
          case HUAWEI_2025 -> huawei2025();
        };
    if (trace.invocations() == 0) {
      throw new IOException(
          "%s: no invocations in %d minutes from minute %d on"
              .formatted(source.invocations, source.minutes, source.fromMinute));
    }
    return trace;
  }

  private RecordedTrace azure2021() throws IOException {
    try (var rows = new CsvRows(source.invocations)) {
      int app = rows.column("app");
      int func = rows.column("func");
      int end = rows.column("end_timestamp");
      int duration = rows.column("duration");
      var builder = new RecordedTrace.Builder();
      var indices = new HashMap<String, Integer>();
      while (rows.next()) {
        double seconds = rows.number(duration);
        // The clocks of end and duration may differ by a little at the very beginning.
        double arrival = Math.max(0, rows.number(end) - seconds);
        if (isWithin(arrival)) {
          int index = index(indices, rows.text(app) + "/" + rows.text(func));
          add(builder, rows, arrival, seconds, index, 0);
        }
      }
      return builder.build(unknown(indices.size()));
    }
  }

  private RecordedTrace huawei2025() throws IOException {
    try (var rows = new CsvRows(source.invocations)) {
      int time = rows.column("time_worker");
      int name = rows.column("funcName");
      int cost = rows.column("runtimeCost");
      int memory = rows.column("memory_usage");
      var builder = new RecordedTrace.Builder();
      var indices = new HashMap<String, Integer>();
      double first = -1;
      while (rows.next()) {
        double at = rows.number(time);
        // Day 30 of the platform: minutes count from the first row.
        first = first < 0 ? Math.floor(at / 60) * 60 : first;
        double arrival = at - first;
        if (isWithin(arrival)) {
          long bytes = Math.round(rows.numberOrNone(memory) * 1e6);
          add(builder, rows, arrival, rows.number(cost), index(indices, rows.text(name)), bytes);
        }
      }
      return builder.build(unknown(indices.size()));
    }
  }

  private static void add(
      RecordedTrace.Builder builder,
      CsvRows rows,
      double arrivalSeconds,
      double runtimeSeconds,
      int function,
      long bytes)
      throws MalformedTraceException {
    if (builder.size() == MOST_INVOCATIONS) {
      throw rows.bad(
          "more than %d invocations: replay fewer minutes of it".formatted(MOST_INVOCATIONS));
    }
    builder.add((long) (arrivalSeconds * 1e9), (long) (runtimeSeconds * 1e9), function, bytes);
  }

  private CountedTrace azure2019() throws IOException {
    Map<String, Quantiles> durations = new HashMap<>();
    if (source.durations != null) {
      readQuantiles(
          source.durations,
          List.of("HashOwner", "HashApp", "HashFunction"),
          List.of("0", "1", "25", "50", "75", "99", "100").stream()
              .map(share -> "percentile_Average_" + share)
              .toList(),
          DURATION_SHARES,
          1e6,
          durations);
    }
    Map<String, Quantiles> memory = new HashMap<>();
    if (source.memory != null) {
      readQuantiles(
          source.memory,
          List.of("HashOwner", "HashApp"),
          List.of("1", "1", "5", "25", "50", "75", "95", "99", "100").stream()
              .map(share -> "AverageAllocatedMb_pct" + share)
              .toList(),
          MEMORY_SHARES,
          1e6,
          memory);
    }
    try (var rows = new CsvRows(source.invocations)) {
      int owner = rows.column("HashOwner");
      int app = rows.column("HashApp");
      int function = rows.column("HashFunction");
      int trigger = rows.column("Trigger");
      int first = rows.column("1");
      int minutes = Math.min(source.minutes, rows.columns().size() - first - source.fromMinute);
      if (minutes < 1) {
        throw new MalformedTraceException(
            source.invocations,
            1,
            "%d minutes, none from minute %d on"
                .formatted(rows.columns().size() - first, source.fromMinute));
      }
      var buckets = new Buckets(minutes);
      var functions = new ArrayList<Function>();
      while (rows.next()) {
        String appKey = rows.text(owner) + "/" + rows.text(app);
        boolean invoked = false;
        for (int minute = 0; minute < minutes; minute++) {
          int count = rows.count(first + source.fromMinute + minute);
          if (count > 0) {
            buckets.add(minute, functions.size(), count, 0, rows);
            invoked = true;
          }
        }
        if (invoked) {
          functions.add(
              new Function(
                  rows.text(trigger).equals("http") ? Trigger.HTTP : Trigger.OTHER,
                  durations.get(appKey + "/" + rows.text(function)),
                  memory.get(appKey)));
        }
      }
      return new CountedTrace(functions, buckets.list(), MINUTE_NANOS, fallback);
    }
  }

  private CountedTrace huawei2023() throws IOException {
    try (var rows = new CsvRows(source.invocations)) {
      int time = rows.column("time");
      int count = rows.columns().size() - 2;
      // A file is by the second or by the minute: the distance of its first two rows tells.
      List<int[]> counts = new ArrayList<>();
      List<Long> lines = new ArrayList<>();
      long first = -1;
      long step = 0;
      while (rows.next()) {
        long at = (long) rows.number(time);
        if (first < 0) {
          first = at;
        } else if (step == 0) {
          step = at - first;
          if (step != 1 && step != 60) {
            throw rows.bad("column 'time' goes on by %d s: it must be 1 or 60 s".formatted(step));
          }
        }
        if (isWithin((double) at - first)) {
          int[] row = new int[count];
          for (int i = 0; i < count; i++) {
            row[i] = rows.count(i + 2);
          }
          counts.add(row);
          lines.add(at);
        }
      }
      long seconds = step == 0 ? 60 : step;
      Map<Long, double[]> delays = source.durations == null ? Map.of() : delays(rows.columns());
      var buckets = new Buckets(counts.size());
      for (int i = 0; i < counts.size(); i++) {
        double[] row = delays.get(lines.get(i));
        for (int function = 0; function < count; function++) {
          if (counts.get(i)[function] > 0) {
            double delay = row == null ? 0 : row[function] * source.delayUnitNanos;
            buckets.add(i, function, counts.get(i)[function], delay, rows);
          }
        }
      }
      return new CountedTrace(unknown(count), buckets.list(), seconds * SECOND_NANOS, fallback);
    }
  }

  /** Function delays by time: the same head, the same times. */
  private Map<Long, double[]> delays(List<String> columns) throws IOException {
    Path file = Objects.requireNonNull(source.durations);
    var delays = new HashMap<Long, double[]>();
    try (var rows = new CsvRows(file)) {
      if (!rows.columns().equals(columns)) {
        throw new MalformedTraceException(
            file, 1, "its columns are not those of %s".formatted(source.invocations));
      }
      long first = -1;
      while (rows.next()) {
        long at = (long) rows.number(1);
        first = first < 0 ? at : first;
        if (isWithin((double) at - first)) {
          double[] row = new double[columns.size() - 2];
          for (int i = 0; i < row.length; i++) {
            row[i] = rows.numberOrNone(i + 2);
          }
          delays.put(at, row);
        }
      }
    }
    return delays;
  }

  private static void readQuantiles(
      Path file,
      List<String> keys,
      List<String> names,
      double[] shares,
      double unit,
      Map<String, Quantiles> into)
      throws IOException {
    try (var rows = new CsvRows(file)) {
      int[] keyColumns = new int[keys.size()];
      for (int i = 0; i < keyColumns.length; i++) {
        keyColumns[i] = rows.column(keys.get(i));
      }
      int[] columns = new int[names.size()];
      for (int i = 0; i < columns.length; i++) {
        columns[i] = rows.column(names.get(i));
      }
      while (rows.next()) {
        var key = new ArrayList<String>();
        for (int column : keyColumns) {
          key.add(rows.text(column));
        }
        double[] values = new double[columns.length];
        for (int i = 0; i < columns.length; i++) {
          values[i] = rows.number(columns[i]) * unit;
          if (i > 0 && values[i] < values[i - 1]) {
            throw rows.bad(
                "column '%s' is less than column '%s'".formatted(names.get(i), names.get(i - 1)));
          }
        }
        into.put(String.join("/", key), new Quantiles(shares, values));
      }
    }
  }

  private boolean isWithin(double seconds) {
    double minute = seconds / 60;
    return minute >= source.fromMinute && minute < (double) source.fromMinute + source.minutes;
  }

  private static int index(Map<String, Integer> indices, String key) {
    Integer known = indices.putIfAbsent(key, indices.size());
    return known == null ? indices.size() - 1 : known;
  }

  private static List<Function> unknown(int count) {
    return Collections.nCopies(count, new Function(Trigger.UNKNOWN, null, null));
  }

  /** Buckets under construction. */
  private static final class Buckets {
    private final List<List<double[]>> entries = new ArrayList<>();

    Buckets(int count) {
      for (int i = 0; i < count; i++) {
        entries.add(new ArrayList<>());
      }
    }

    void add(int bucket, int function, int count, double runtimeNanos, CsvRows rows)
        throws MalformedTraceException {
      if (entries.get(bucket).size() == MOST_FUNCTIONS) {
        throw rows.bad("more than %d functions".formatted(MOST_FUNCTIONS));
      }
      entries.get(bucket).add(new double[] {function, count, runtimeNanos});
    }

    List<CountedTrace.Bucket> list() {
      var buckets = new ArrayList<CountedTrace.Bucket>();
      for (List<double[]> bucket : entries) {
        buckets.add(
            new CountedTrace.Bucket(
                bucket.stream().mapToInt(entry -> (int) entry[0]).toArray(),
                bucket.stream().mapToInt(entry -> (int) entry[1]).toArray(),
                bucket.stream().mapToDouble(entry -> entry[2]).toArray()));
      }
      return buckets;
    }
  }
}
