package dev.fareway.simulator.experiment;

import dev.fareway.scheduler.core.QueueDiscipline;
import dev.fareway.simulator.experiment.Trial.Percentile;
import dev.fareway.simulator.machine.Memory;
import dev.fareway.simulator.report.Chart;
import dev.fareway.simulator.report.Figure;
import dev.fareway.simulator.report.Report;
import dev.fareway.simulator.report.Table;
import dev.fareway.simulator.report.Words;
import dev.fareway.simulator.scheduler.FarewayOptions;
import dev.fareway.simulator.scheduler.SchedulerKind;
import dev.fareway.simulator.workload.PaperWorkload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What each part of Fareway is worth: one thing is changed at a time, everything else stays as it
 * is. Where a part shows only in some circumstances, these are the same for all rows of its group.
 */
public final class Ablation {
  private static final double GB = 1e9;

  /**
   * One change.
   *
   * @param group what is changed
   * @param value to what
   * @param place on a chart's axis; NaN: not a number
   */
  private record Variant(String group, String value, double place, Setup setup) {}

  private record Outcome(Variant variant, List<Trial.Result> results) {
    Estimate of(ToDoubleFunction<Trial.Result> figure) {
      return Estimate.of(results.stream().mapToDouble(figure).toArray());
    }
  }

  private final Setup base;
  private final Memory memory;
  private final PaperWorkload.MemoryRange range;
  private final double load;
  private final int warmUp;
  private final int ticks;
  private final List<Variant> variants;

  /**
   * Ablations.
   *
   * @param base Fareway as it is, idle lists in use
   * @param load 1: all cores
   * @param warmUp ticks that don't count
   * @param ticks after which nothing arrives any more
   */
  public Ablation(
      Setup base,
      Memory memory,
      PaperWorkload.MemoryRange range,
      double load,
      int warmUp,
      int ticks) {
    this.base = base;
    this.memory = memory;
    this.range = range;
    this.load = load;
    this.warmUp = warmUp;
    this.ticks = ticks;
    this.variants = variants();
  }

  /** How many steps {@link #run} tells its progress. */
  public long steps() {
    return (long) variants.size() * base.seeds();
  }

  private List<Variant> variants() {
    FarewayOptions fareway = base.fareway();
    var all = new ArrayList<Variant>();
    for (boolean on : new boolean[] {true, false}) {
      all.add(
          new Variant("idle list", on ? "on" : "off", Double.NaN, with(fareway.withIdleList(on))));
    }
    for (int k = 1; k <= 8; k++) {
      // Without the list: with it, few placements poll.
      all.add(
          new Variant(
              "k, idle list off",
              Integer.toString(k),
              k,
              with(fareway.withIdleList(false).withK(k))));
    }
    for (int shards = 1; shards <= 64; shards *= 2) {
      all.add(
          new Variant(
              "shards", Integer.toString(shards), shards, with(fareway.withShards(shards))));
    }
    long busy = busyDecisionNanos();
    for (int shards = 1; shards <= 64; shards *= 2) {
      all.add(
          new Variant(
              "shards that need %.0f µs a decision".formatted(busy / 1e3),
              Integer.toString(shards),
              shards,
              with(fareway.withShards(shards).withDecisionNanos(busy))));
    }
    for (QueueDiscipline discipline : QueueDiscipline.values()) {
      all.add(
          new Variant(
              "queue discipline where shards can't keep up",
              discipline.name().toLowerCase(Locale.ROOT).replace('_', '-'),
              Double.NaN,
              with(
                  fareway
                      .withDiscipline(discipline)
                      .withDecisionNanos(overloadedDecisionNanos()))));
    }
    for (long micros : new long[] {0, 100, 1000, 10_000, 100_000}) {
      all.add(
          new Variant(
              "age of loads, idle list off",
              "%s ms".formatted(Words.of("%s", micros / 1e3)),
              Math.max(0.01, micros / 1e3),
              new Setup(
                  base.machines(),
                  base.cores(),
                  fareway.withIdleList(false),
                  base.classes(),
                  base.runtimes(),
                  micros * 1000,
                  base.tickNanos(),
                  base.firstSeed(),
                  base.seeds())));
    }
    return all;
  }

  /** So slow that the shards are busy for 80% of the time. */
  private long busyDecisionNanos() {
    return (long) (0.8 * base.fareway().shards() / arrivalsPerNano());
  }

  /** So slow that the shards could decide about 95% of what arrives. */
  private long overloadedDecisionNanos() {
    return (long) (base.fareway().shards() / arrivalsPerNano() / 0.95);
  }

  private double arrivalsPerNano() {
    return load * base.allCores() / base.runtimes().meanRuntimeNanos();
  }

  private Setup with(FarewayOptions options) {
    return new Setup(
        base.machines(),
        base.cores(),
        options,
        base.classes(),
        base.runtimes(),
        base.messageNanos(),
        base.tickNanos(),
        base.firstSeed(),
        base.seeds());
  }

  /** Runs it. */
  public Report run(String command, Progress progress) throws InterruptedException {
    var axis = new SteadyLoad(base, range, List.of(load), warmUp, ticks);
    var tasks = new ArrayList<Trial>();
    for (Variant variant : variants) {
      for (int i = 0; i < base.seeds(); i++) {
        long seed = base.firstSeed() + i;
        tasks.add(
            new Trial(
                SchedulerKind.FAREWAY,
                variant.setup,
                memory,
                () -> axis.workload(load, seed),
                axis.fromNanos(load),
                axis.untilNanos(load),
                seed,
                progress));
      }
    }
    List<Trial.Result> results = Runs.all(tasks);
    var outcomes = new ArrayList<Outcome>();
    for (int i = 0; i < variants.size(); i++) {
      outcomes.add(
          new Outcome(variants.get(i), results.subList(i * base.seeds(), (i + 1) * base.seeds())));
    }
    Map<String, String> parameters = base.parameters();
    parameters.put("load", Words.of("%s", load));
    parameters.put("memory", Comparison.memory(memory, ""));
    parameters.putAll(axis.parameters());
    return new Report(
        "ablate",
        "What each part of Fareway is worth",
        "One thing is changed at a time, everything else stays as it is. Slowdown is the time from arrival to end by the run"
            + " time. Where a part shows only in some circumstances, they are named with it.",
        command,
        parameters,
        findings(outcomes),
        figures(outcomes),
        charts(outcomes),
        List.of(table(outcomes)));
  }

  private double high(Outcome outcome) {
    return outcome.of(result -> result.slowdown(base.highest(), Percentile.P99)).mean();
  }

  private static double low(Outcome outcome) {
    return outcome.of(result -> result.slowdown(0, Percentile.P99)).mean();
  }

  private List<String> findings(List<Outcome> outcomes) {
    var lines = new ArrayList<String>();
    for (String group : variants.stream().map(Variant::group).distinct().toList()) {
      List<Outcome> of =
          outcomes.stream().filter(outcome -> outcome.variant.group.equals(group)).toList();
      Outcome first = of.getFirst();
      Outcome last = of.getLast();
      lines.add(
          Words.of(
              "%s, %s → %s: p99 slowdown of the dearest class %s → %s, of the cheapest %s → %s; in swap %.1f → %.1f GB a machine,"
                  + " varying between machines by %.0f%% → %.0f%%.",
              group,
              first.variant.value,
              last.variant.value,
              Comparison.times(high(first)),
              Comparison.times(high(last)),
              Comparison.times(low(first)),
              Comparison.times(low(last)),
              first.of(result -> result.swapBytes).mean() / GB,
              last.of(result -> result.swapBytes).mean() / GB,
              100 * first.of(result -> result.swapVariation).mean(),
              100 * last.of(result -> result.swapVariation).mean()));
    }
    return lines;
  }

  private List<Figure> figures(List<Outcome> outcomes) {
    var figures = new ArrayList<Figure>();
    for (Outcome outcome : outcomes) {
      String name =
          (outcome.variant.group + "_" + outcome.variant.value)
              .toLowerCase(Locale.ROOT)
              .replace("µ", "u")
              .replaceAll("[^a-z0-9]+", "_");
      figures.add(new Figure(name + "_high_p99_slowdown", high(outcome), "1"));
      figures.add(new Figure(name + "_low_p99_slowdown", low(outcome), "1"));
      figures.add(
          new Figure(
              name + "_swap", outcome.of(result -> result.swapBytes).mean() / GB, "GB/machine"));
      figures.add(
          new Figure(
              name + "_memory_variation",
              outcome.of(result -> result.memoryVariation).mean(),
              "1"));
      figures.add(
          new Figure(name + "_killed_share", outcome.of(Trial.Result::killedShare).mean(), "1"));
    }
    return figures;
  }

  private List<Chart> charts(List<Outcome> outcomes) {
    var charts = new ArrayList<Chart>();
    for (String group : variants.stream().map(Variant::group).distinct().toList()) {
      List<Outcome> of =
          outcomes.stream()
              .filter(
                  outcome ->
                      outcome.variant.group.equals(group) && !Double.isNaN(outcome.variant.place))
              .toList();
      if (!of.isEmpty()) {
        boolean age = group.startsWith("age");
        boolean shards = group.startsWith("shards");
        charts.add(
            new Chart(
                "ablate-" + group.replace("µ", "u").replaceAll("[^a-z0-9]+", "-"),
                "Slowdown by " + group,
                age ? "ms that a message takes" : shards ? "shards" : "k",
                age || shards,
                List.of(
                    new Chart.Panel(
                        "p99 slowdown",
                        true,
                        List.of(
                            series("dearest class", of, base.highest()),
                            series("cheapest class", of, 0)),
                        List.of()))));
      }
    }
    return charts;
  }

  private static Chart.Series series(String label, List<Outcome> outcomes, int rank) {
    var points = new ArrayList<Chart.Point>();
    for (Outcome outcome : outcomes) {
      Estimate estimate = outcome.of(result -> result.slowdown(rank, Percentile.P99));
      points.add(
          new Chart.Point(
              outcome.variant.place,
              estimate.mean(),
              Math.max(1, estimate.low()),
              estimate.high()));
    }
    return new Chart.Series(label, Chart.Style.LINE, points);
  }

  private Table table(List<Outcome> outcomes) {
    var rows = new ArrayList<List<String>>();
    for (Outcome outcome : outcomes) {
      var row = new ArrayList<String>();
      row.add(outcome.variant.group.replace(",", ";"));
      row.add(outcome.variant.value);
      for (int rank : new int[] {base.highest(), 0}) {
        for (Percentile percentile : Percentile.values()) {
          row.add(Comparison.times(outcome.of(result -> result.slowdown(rank, percentile)).mean()));
        }
      }
      row.add(Words.of("%.1f", 100 * outcome.of(result -> result.memoryUse).mean()));
      row.add(Words.of("%.1f", 100 * outcome.of(result -> result.memoryVariation).mean()));
      row.add(Words.of("%.2f", outcome.of(result -> result.swapBytes).mean() / GB));
      row.add(Words.of("%.0f", 100 * outcome.of(result -> result.swapVariation).mean()));
      row.add(Comparison.share(outcome.of(Trial.Result::killedShare).mean()));
      rows.add(row);
    }
    return new Table(
        "ablate",
        "One change at a time",
        List.of(
            "what",
            "value",
            "dearest p50",
            "dearest p99",
            "dearest p99.9",
            "cheapest p50",
            "cheapest p99",
            "cheapest p99.9",
            "memory in use %",
            "varies by %",
            "in swap GB",
            "swap varies by %",
            "killed %"),
        rows,
        true);
  }
}
