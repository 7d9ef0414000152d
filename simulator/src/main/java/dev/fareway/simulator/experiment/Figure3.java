package dev.fareway.simulator.experiment;

import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.machine.Functions;
import dev.fareway.simulator.machine.Machine;
import dev.fareway.simulator.report.Chart;
import dev.fareway.simulator.report.Figure;
import dev.fareway.simulator.report.Report;
import dev.fareway.simulator.report.Table;
import dev.fareway.simulator.report.Words;
import dev.fareway.simulator.scheduler.SchedulerKind;
import dev.fareway.simulator.workload.LoadProfile;
import dev.fareway.simulator.workload.PaperWorkload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * The paper's figure 3: the tail latency of the dearest and of the cheapest class over time, when
 * the load goes up at one tick and down at another, under Fareway and under Hermod. Memory is
 * boundless, as in section 4.2.
 */
public final class Figure3 {
  private static final List<SchedulerKind> KINDS =
      List.of(SchedulerKind.FAREWAY, SchedulerKind.HERMOD);

  /** More than anyone uses. */
  private static final long BOUNDLESS = 1L << 60;

  /**
   * How the load goes.
   *
   * @param baseline load before and after; 1: all cores
   * @param loaded load in between
   * @param warmUp tick from which on the baseline is measured
   * @param up tick at which it goes up
   * @param down tick at which it goes down again
   * @param end tick after the last arrival
   */
  public record Load(double baseline, double loaded, int warmUp, int up, int down, int end) {
    /** Up at tick 50, down at tick 80, as in the paper. */
    public static final Load PAPER = new Load(0.6, 1.1, 10, 50, 80, 120);

    LoadProfile profile(long tickNanos) {
      return new LoadProfile(
          List.of(
              new LoadProfile.Phase(up * tickNanos, baseline),
              new LoadProfile.Phase(down * tickNanos, loaded),
              new LoadProfile.Phase(end * tickNanos, baseline)));
    }
  }

  /** What is kept of one run: percentiles in milliseconds. */
  private static final class Run {
    final double[][] p50;
    final double[][] p99;
    final double[] baseline = new double[2];
    final double[] loaded = new double[2];

    Run(int ticks) {
      p50 = new double[2][ticks];
      p99 = new double[2][ticks];
    }
  }

  private final Setup setup;
  private final Load load;

  public Figure3(Setup setup, Load load) {
    this.setup = setup;
    this.load = load;
  }

  /** How many steps {@link #run} tells its progress. */
  public long steps() {
    return (long) setup.seeds() * KINDS.size() * load.end;
  }

  /** Runs it. */
  public Report run(String command, Progress progress) throws InterruptedException {
    var tasks = new ArrayList<Callable<Run>>();
    for (SchedulerKind kind : KINDS) {
      for (int i = 0; i < setup.seeds(); i++) {
        long seed = setup.firstSeed() + i;
        tasks.add(() -> one(kind, seed, progress));
      }
    }
    List<Run> runs = Runs.all(tasks);
    int seeds = setup.seeds();
    return report(command, runs.subList(0, seeds), runs.subList(seeds, 2 * seeds));
  }

  private Run one(SchedulerKind kind, long seed, Progress progress) {
    var functions = new Functions();
    int ranks = setup.classes().count();
    var machines = new Machine[setup.machines()];
    Arrays.setAll(machines, _ -> kind.machine(functions, setup.cores(), ranks));
    var recorder = new TickLatencies(ranks, load.end, setup.tickNanos(), progress);
    var workload =
        new PaperWorkload(
            setup.runtimes(),
            setup.classes(),
            PaperWorkload.MemoryRange.PAPER,
            load.profile(setup.tickNanos()),
            setup.allCores(),
            seed);
    new Simulation(
            new Simulation.Options(setup.messageNanos(), setup.tickNanos(), Long.MAX_VALUE / 2),
            functions,
            machines,
            workload,
            recorder,
            simulation ->
                kind.scheduler(simulation, setup.fareway(), setup.cores(), BOUNDLESS, seed))
        .run();
    int[] shown = {setup.highest(), 0};
    var run = new Run(load.end);
    for (int i = 0; i < 2; i++) {
      for (int tick = 0; tick < load.end; tick++) {
        LongList latencies = recorder.at(shown[i], tick);
        // A small run may have a tick without arrivals of a class.
        run.p50[i][tick] = latencies.size() == 0 ? Double.NaN : latencies.quantile(0.5) / 1e6;
        run.p99[i][tick] = latencies.size() == 0 ? Double.NaN : latencies.quantile(0.99) / 1e6;
      }
      run.baseline[i] = recorder.between(shown[i], load.warmUp, load.up).quantile(0.99) / 1e6;
      run.loaded[i] = recorder.between(shown[i], load.up, load.down).quantile(0.99) / 1e6;
    }
    return run;
  }

  private Report report(String command, List<Run> fareway, List<Run> hermod) {
    Estimate farewayHigh = degradation(fareway, 0);
    Estimate farewayLow = degradation(fareway, 1);
    Estimate hermodHigh = degradation(hermod, 0);
    Estimate hermodLow = degradation(hermod, 1);
    double alike =
        Estimate.of(
                hermod.stream()
                    .mapToDouble(
                        run -> run.loaded[0] / run.baseline[0] / (run.loaded[1] / run.baseline[1]))
                    .toArray())
            .mean();
    var figures = new ArrayList<Figure>();
    add(figures, "fareway_high_p99_loaded_over_baseline", farewayHigh);
    add(figures, "fareway_low_p99_loaded_over_baseline", farewayLow);
    add(figures, "hermod_high_p99_loaded_over_baseline", hermodHigh);
    add(figures, "hermod_low_p99_loaded_over_baseline", hermodLow);
    figures.add(new Figure("hermod_high_over_low_degradation", alike, "1"));
    for (SchedulerKind kind : KINDS) {
      List<Run> runs = kind == SchedulerKind.FAREWAY ? fareway : hermod;
      for (int i = 0; i < 2; i++) {
        int index = i;
        String name = kind.key() + (i == 0 ? "_high" : "_low");
        double baseline = mean(runs.stream().mapToDouble(run -> run.baseline[index]).toArray());
        double loaded = mean(runs.stream().mapToDouble(run -> run.loaded[index]).toArray());
        figures.add(new Figure(name + "_p99_baseline", baseline, "ms"));
        figures.add(new Figure(name + "_p99_loaded", loaded, "ms"));
      }
    }
    var findings =
        List.of(
            Words.of(
                "Fareway: under load %.2f the 99th percentile of the dearest class is %.3f ± %.3f times that under load %.2f,"
                    + " that of the cheapest %.1f times.",
                load.loaded,
                farewayHigh.mean(),
                farewayHigh.margin(),
                load.baseline,
                farewayLow.mean()),
            Words.of(
                "Hermod: %.1f times for the dearest class and %.1f times for the cheapest: it does not tell them apart.",
                hermodHigh.mean(), hermodLow.mean()),
            Words.of(
                "Lines are means over %d runs, bands their 95%% confidence intervals; red: the load goes up, and down again.",
                setup.seeds()));
    var parameters = setup.parameters();
    parameters.put(
        "load",
        Words.of(
            "%.2f, from tick %d on %.2f, from tick %d on %.2f again, to tick %d; baseline measured from tick %d",
            load.baseline, load.up, load.loaded, load.down, load.baseline, load.end, load.warmUp));
    return new Report(
        "figure3",
        "Tail latency of the dearest and the cheapest class, by Fareway and by Hermod",
        "Does the dearest class keep its latency when more is asked than the cores can do? Both schedulers get the very same"
            + " functions. Hermod's machines share their cores among all, Fareway's run the dearest first.",
        command,
        parameters,
        findings,
        figures,
        List.of(chart(fareway, hermod)),
        List.of(phases(fareway, hermod), ticks(fareway, hermod)));
  }

  private Chart chart(List<Run> fareway, List<Run> hermod) {
    var panels = new ArrayList<Chart.Panel>();
    for (int i = 0; i < 2; i++) {
      panels.add(
          new Chart.Panel(
              i == 0 ? "dearest class: p99 in ms" : "cheapest class: p99 in ms",
              true,
              List.of(series("Fareway", fareway, i), series("Hermod", hermod, i)),
              List.of((double) load.up, (double) load.down)));
    }
    return new Chart(
        "figure3-latency", "99th percentile of latency, by tick of arrival", "tick", panels);
  }

  private Chart.Series series(String label, List<Run> runs, int index) {
    var points = new ArrayList<Chart.Point>();
    for (int tick = 0; tick < load.end; tick++) {
      Estimate p99 = at(runs, index, tick, true);
      if (!Double.isNaN(p99.mean())) {
        double low = Math.max(p99.low(), p99.mean() / 10);
        points.add(new Chart.Point(tick, p99.mean(), low, p99.high()));
      }
    }
    return new Chart.Series(label, Chart.Style.LINE, points);
  }

  private static Estimate at(List<Run> runs, int index, int tick, boolean tail) {
    return Estimate.of(
        runs.stream().mapToDouble(run -> (tail ? run.p99 : run.p50)[index][tick]).toArray());
  }

  private Table phases(List<Run> fareway, List<Run> hermod) {
    var rows = new ArrayList<List<String>>();
    for (SchedulerKind kind : KINDS) {
      List<Run> runs = kind == SchedulerKind.FAREWAY ? fareway : hermod;
      for (int i = 0; i < 2; i++) {
        int index = i;
        Estimate baseline =
            Estimate.of(runs.stream().mapToDouble(run -> run.baseline[index]).toArray());
        Estimate loaded =
            Estimate.of(runs.stream().mapToDouble(run -> run.loaded[index]).toArray());
        Estimate ratio = degradation(runs, i);
        rows.add(
            List.of(
                kind.title(),
                i == 0 ? "dearest" : "cheapest",
                Words.of("%.1f", baseline.mean()),
                Words.of("%.1f", baseline.margin()),
                Words.of("%.1f", loaded.mean()),
                Words.of("%.1f", loaded.margin()),
                Words.of("%.3f", ratio.mean()),
                Words.of("%.3f", ratio.margin())));
      }
    }
    return new Table(
        "figure3-phases",
        "99th percentile of latency, before and under load",
        List.of(
            "scheduler",
            "class",
            "baseline ms",
            "±",
            "loaded ms",
            "± ",
            "loaded / baseline",
            "±  "),
        rows,
        true);
  }

  private Table ticks(List<Run> fareway, List<Run> hermod) {
    var rows = new ArrayList<List<String>>();
    for (SchedulerKind kind : KINDS) {
      List<Run> runs = kind == SchedulerKind.FAREWAY ? fareway : hermod;
      for (int i = 0; i < 2; i++) {
        for (int tick = 0; tick < load.end; tick++) {
          Estimate p50 = at(runs, i, tick, false);
          Estimate p99 = at(runs, i, tick, true);
          rows.add(
              List.of(
                  kind.key(),
                  i == 0 ? "dearest" : "cheapest",
                  Integer.toString(tick),
                  Words.of("%.3f", p50.mean()),
                  Words.of("%.3f", p99.mean()),
                  Words.of("%.3f", p99.low()),
                  Words.of("%.3f", p99.high())));
        }
      }
    }
    return new Table(
        "figure3-ticks",
        "By tick",
        List.of("scheduler", "class", "tick", "p50_ms", "p99_ms", "p99_low_ms", "p99_high_ms"),
        rows,
        false);
  }

  private static Estimate degradation(List<Run> runs, int index) {
    return Estimate.of(
        runs.stream().mapToDouble(run -> run.loaded[index] / run.baseline[index]).toArray());
  }

  private static void add(List<Figure> figures, String name, Estimate estimate) {
    figures.add(new Figure(name, estimate.mean(), "1"));
    figures.add(new Figure(name + "_margin", estimate.margin(), "1"));
  }

  private static double mean(double[] values) {
    return Estimate.of(values).mean();
  }
}
