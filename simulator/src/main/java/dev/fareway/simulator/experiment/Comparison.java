package dev.fareway.simulator.experiment;

import dev.fareway.simulator.engine.Workload;
import dev.fareway.simulator.experiment.Trial.Percentile;
import dev.fareway.simulator.machine.Memory;
import dev.fareway.simulator.report.Chart;
import dev.fareway.simulator.report.Figure;
import dev.fareway.simulator.report.Report;
import dev.fareway.simulator.report.Table;
import dev.fareway.simulator.report.Words;
import dev.fareway.simulator.scheduler.SchedulerKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Schedulers side by side under the very same functions, from little load to much. */
public final class Comparison {
  /** What is varied: the load of the paper's workload, or how quickly a trace is replayed. */
  public interface Axis {
    /** In file and figure names. */
    String name();

    /** On charts. */
    String label();

    /** Ascending, one at least. */
    List<Double> values();

    /** The workload for a value; the same seed gives the same one. */
    Workload workload(double value, long seed);

    /** Functions that arrive from then on count. */
    long fromNanos(double value);

    /** Functions that arrive before then count. */
    long untilNanos(double value);
  }

  /**
   * What machines have.
   *
   * @param memory of the machines of schedulers that swap by price class; null: as much as
   *     functions like, for all
   * @param others of the machines of the others
   */
  public record Machines(@Nullable Memory memory, @Nullable Memory others) {
    @Nullable Memory of(SchedulerKind kind) {
      return kind.swapsByClass() ? memory : others;
    }
  }

  /** How a report calls itself. */
  public record Titles(String name, String title, String introduction) {}

  private final Setup setup;
  private final List<SchedulerKind> kinds;
  private final Machines machines;
  private final Axis axis;
  private final Titles titles;

  /** A comparison of one scheduler or more. */
  public Comparison(
      Setup setup, List<SchedulerKind> kinds, Machines machines, Axis axis, Titles titles) {
    this.setup = setup;
    this.kinds = List.copyOf(kinds);
    this.machines = machines;
    this.axis = axis;
    this.titles = titles;
  }

  /** How many steps {@link #run} tells its progress. */
  public long steps() {
    return (long) kinds.size() * axis.values().size() * setup.seeds();
  }

  /** One scheduler at one value: a result for each seed. */
  private record Cell(SchedulerKind kind, double value, List<Trial.Result> results) {
    Estimate estimate(ToDoubleFunction<Trial.Result> figure) {
      return Estimate.of(results.stream().mapToDouble(figure).toArray());
    }

    double mean(ToDoubleFunction<Trial.Result> figure) {
      return estimate(figure).mean();
    }
  }

  /** Runs it. */
  public Report run(String command, Progress progress) throws InterruptedException {
    var tasks = new ArrayList<Trial>();
    for (SchedulerKind kind : kinds) {
      for (double value : axis.values()) {
        for (int i = 0; i < setup.seeds(); i++) {
          long seed = setup.firstSeed() + i;
          tasks.add(
              new Trial(
                  kind,
                  setup,
                  machines.of(kind),
                  () -> axis.workload(value, seed),
                  axis.fromNanos(value),
                  axis.untilNanos(value),
                  seed,
                  progress));
        }
      }
    }
    List<Trial.Result> results = Runs.all(tasks);
    var cells = new ArrayList<Cell>();
    int at = 0;
    for (SchedulerKind kind : kinds) {
      for (double value : axis.values()) {
        cells.add(new Cell(kind, value, results.subList(at, at + setup.seeds())));
        at += setup.seeds();
      }
    }
    return report(command, cells);
  }

  private Report report(String command, List<Cell> cells) {
    Map<String, String> parameters = setup.parameters();
    parameters.put("memory", memory(machines.memory, "as much as functions like"));
    if (machines.memory != null) {
      parameters.put("memory, others", memory(machines.others, "as much as functions like"));
    }
    parameters.putAll(described());
    return new Report(
        titles.name,
        titles.title,
        titles.introduction,
        command,
        parameters,
        findings(cells),
        figures(cells),
        List.of(chart(cells)),
        List.of(table(cells), classes(cells)));
  }

  private Map<String, String> described() {
    return axis instanceof Described described ? described.parameters() : Map.of();
  }

  /** An axis with parameters of its own to tell of. */
  public interface Described {
    Map<String, String> parameters();
  }

  static String memory(@Nullable Memory memory, String boundless) {
    return memory == null
        ? boundless
        : Words.of(
            "%.1f GB a machine, %s",
            memory.totalBytes() / 1e9,
            memory.swap().sizeBytes() == 0
                ? "no swap: the kernel kills the largest, or the last to come where functions queue"
                : Words.of(
                    "%.0f GB of swap, %s",
                    memory.swap().sizeBytes() / 1e9, Figure4.device(memory.swap())));
  }

  private int all() {
    return setup.classes().count();
  }

  private List<String> findings(List<Cell> cells) {
    var lines = new ArrayList<String>();
    var shown = new ArrayList<Double>();
    for (double value : axis.values()) {
      if (value <= 0.9001 || value == axis.values().getLast()) {
        shown.add(value);
      }
    }
    // One value short of full load, and the highest.
    List<Double> two = shown.size() <= 2 ? shown : shown.subList(shown.size() - 2, shown.size());
    for (double value : two) {
      var words = new ArrayList<String>();
      for (Cell cell : cells) {
        if (cell.value == value) {
          words.add(
              Words.of(
                  "%s %s",
                  cell.kind.title(),
                  times(cell.mean(result -> result.slowdown(setup.highest(), Percentile.P99)))));
        }
      }
      lines.add(
          Words.of(
              "%s %s, slowdown of the dearest class at its 99th percentile: %s.",
              capital(axis.name()), value(value), String.join(", ", words)));
    }
    if (machines.memory != null) {
      double last = axis.values().getLast();
      var words = new ArrayList<String>();
      for (Cell cell : cells) {
        if (cell.value == last) {
          words.add(
              Words.of("%s %s%%", cell.kind.title(), share(cell.mean(Trial.Result::killedShare))));
        }
      }
      lines.add(
          Words.of(
              "%s %s, functions killed for want of memory: %s.",
              capital(axis.name()), value(last), String.join(", ", words)));
    }
    lines.add(
        Words.of(
            "Slowdown is the time from arrival to end by the run time, of functions that were not killed; means over %d"
                + " run%s, bands are 95%% confidence intervals.",
            setup.seeds(), setup.seeds() == 1 ? "" : "s"));
    return lines;
  }

  private List<Figure> figures(List<Cell> cells) {
    var figures = new ArrayList<Figure>();
    for (Cell cell : cells) {
      String where =
          "_%s_%s"
              .formatted(
                  axis.name().replace('-', '_').replace(' ', '_'),
                  value(cell.value).replace('.', '_'));
      String who = cell.kind.key().replace('-', '_');
      addIfSeen(
          figures,
          who + "_high_p99_slowdown" + where,
          cell.mean(result -> result.slowdown(setup.highest(), Percentile.P99)));
      addIfSeen(
          figures,
          who + "_low_p99_slowdown" + where,
          cell.mean(result -> result.slowdown(0, Percentile.P99)));
      addIfSeen(figures, who + "_killed_share" + where, cell.mean(Trial.Result::killedShare));
    }
    return figures;
  }

  private static void addIfSeen(List<Figure> figures, String name, double value) {
    if (!Double.isNaN(value)) {
      figures.add(new Figure(name, value, "1"));
    }
  }

  private Chart chart(List<Cell> cells) {
    var panels = new ArrayList<Chart.Panel>();
    panels.add(
        panel(
            cells,
            "dearest class: p99 slowdown",
            true,
            result -> result.slowdown(setup.highest(), Percentile.P99)));
    panels.add(
        panel(
            cells,
            "cheapest class: p99 slowdown",
            true,
            result -> result.slowdown(0, Percentile.P99)));
    if (machines.memory != null) {
      panels.add(panel(cells, "killed, %", false, result -> 100 * result.killedShare()));
    }
    return new Chart(
        titles.name,
        (machines.memory == null ? "Slowdown by " : "Slowdown and kills by ") + axis.name(),
        axis.label(),
        panels);
  }

  private Chart.Panel panel(
      List<Cell> cells, String label, boolean log, ToDoubleFunction<Trial.Result> figure) {
    var series = new ArrayList<Chart.Series>();
    for (SchedulerKind kind : kinds) {
      var points = new ArrayList<Chart.Point>();
      for (Cell cell : cells) {
        if (cell.kind == kind) {
          Estimate estimate = cell.estimate(figure);
          if (!Double.isNaN(estimate.mean())) {
            double least = log ? Math.max(1, estimate.mean() / 10) : 0;
            points.add(
                new Chart.Point(
                    cell.value, estimate.mean(), Math.max(least, estimate.low()), estimate.high()));
          }
        }
      }
      boolean bound = kind == SchedulerKind.FULL_KNOWLEDGE;
      series.add(
          new Chart.Series(kind.title(), bound ? Chart.Style.DASHED : Chart.Style.LINE, points));
    }
    return new Chart.Panel(label, log, series, List.of());
  }

  private Table table(List<Cell> cells) {
    var rows = new ArrayList<List<String>>();
    for (Cell cell : cells) {
      var row = new ArrayList<String>();
      row.add(cell.kind.title());
      row.add(value(cell.value));
      for (int rank : new int[] {setup.highest(), 0}) {
        for (Percentile percentile : Percentile.values()) {
          row.add(times(cell.mean(result -> result.slowdown(rank, percentile))));
        }
      }
      row.add(share(cell.mean(Trial.Result::killedShare)));
      row.add(Words.of("%.1f", 100 * cell.mean(result -> result.coresBusy)));
      row.add(
          machines.memory == null
              ? "-"
              : Words.of("%.1f", 100 * cell.mean(result -> result.memoryUse)));
      rows.add(row);
    }
    return new Table(
        titles.name,
        "Slowdown of the dearest and the cheapest class, kills, utilisation",
        List.of(
            "scheduler",
            axis.name(),
            "dearest p50",
            "dearest p99",
            "dearest p99.9",
            "cheapest p50",
            "cheapest p99",
            "cheapest p99.9",
            "killed %",
            "cores busy %",
            "memory in use %"),
        rows,
        true);
  }

  private Table classes(List<Cell> cells) {
    var rows = new ArrayList<List<String>>();
    for (Cell cell : cells) {
      for (int rank = 0; rank <= all(); rank++) {
        int index = rank;
        var row = new ArrayList<String>();
        row.add(cell.kind.key());
        row.add(value(cell.value));
        row.add(rank == all() ? "all" : Integer.toString(rank));
        for (Percentile percentile : Percentile.values()) {
          Estimate estimate = cell.estimate(result -> result.slowdown(index, percentile));
          row.add(Words.of("%.6g", estimate.mean()));
          row.add(Words.of("%.3g", estimate.margin()));
        }
        row.add(Words.of("%.1f", cell.mean(result -> result.ended(index))));
        row.add(Words.of("%.1f", cell.mean(result -> result.killed(index))));
        rows.add(row);
      }
    }
    return new Table(
        titles.name + "-classes",
        "Every class",
        List.of(
            "scheduler",
            axis.name(),
            "class",
            "p50",
            "p50_margin",
            "p99",
            "p99_margin",
            "p99.9",
            "p99.9_margin",
            "ended",
            "killed"),
        rows,
        false);
  }

  private static String capital(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }

  private static String value(double value) {
    return value == Math.rint(value) ? Words.of("%.0f", value) : Words.of("%s", value);
  }

  static String share(double share) {
    return share == 0 ? "0" : Words.of(share < 0.001 ? "%.3f" : "%.1f", 100 * share);
  }

  /** A slowdown: more digits where it is small. */
  static String times(double slowdown) {
    if (Double.isNaN(slowdown)) {
      return "-";
    }
    return slowdown < 10
        ? Words.of("%.2f", slowdown)
        : slowdown < 100 ? Words.of("%.1f", slowdown) : Words.of("%.0f", slowdown);
  }
}
