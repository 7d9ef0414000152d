package dev.fareway.simulator.experiment;

import dev.fareway.simulator.engine.Recorder;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.machine.Functions;
import dev.fareway.simulator.machine.Machine;
import dev.fareway.simulator.machine.Memory;
import dev.fareway.simulator.machine.SwapDevice;
import dev.fareway.simulator.machine.SwappingMachine;
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
import java.util.function.ToDoubleFunction;

/**
 * The paper's figure 4: with little memory, how evenly Fareway spreads it, when machines swap, how
 * much, and of which classes (section 4.3).
 */
public final class Figure4 {
  private static final int SAMPLES_PER_TICK = 4;
  private static final double GB = 1e9;

  /** Machines that swap less than this on average don't tell how evenly they do. */
  private static final double SOME_SWAP = 0.1 * GB;

  /**
   * How the load goes.
   *
   * @param baseline load before and after
   * @param loaded load in between
   * @param up tick at which it goes up
   * @param down tick at which it goes down again
   * @param end tick after the last arrival
   */
  public record Load(double baseline, double loaded, int up, int down, int end) {
    /** Up until memory is about 90% full, and down again. */
    public static final Load DEFAULTS = new Load(0.7, 1.05, 30, 90, 120);

    boolean isLoaded(double tick) {
      return tick > up && tick <= down;
    }

    /** The last sixth of the time under load: every machine has begun to swap by then. */
    boolean isHeight(double tick) {
      return tick > down - (down - up) / 6.0 && tick <= down;
    }

    LoadProfile profile(long tickNanos) {
      return new LoadProfile(
          List.of(
              new LoadProfile.Phase(up * tickNanos, baseline),
              new LoadProfile.Phase(down * tickNanos, loaded),
              new LoadProfile.Phase(end * tickNanos, baseline)));
    }
  }

  /** The machines at one moment. */
  private record Moment(
      double tick,
      double use,
      double useVariation,
      double leastUse,
      double mostUse,
      double swap,
      double swapVariation,
      double leastSwap,
      double mostSwap) {}

  /** A machine at one moment. */
  private record Dot(double use, double swap) {}

  private static final class Run implements Recorder {
    final List<Moment> moments = new ArrayList<>();
    final List<Dot> dots = new ArrayList<>();
    final Load load;
    final long memoryBytes;
    final long tickNanos;
    final Progress progress;
    long ended;
    long killed;
    double[] swappedOutByRank = {};
    double[] swappedOutByMachine = {};
    double[] loadedSwapByMachine = {};
    double lowestSwapUse = Double.POSITIVE_INFINITY;
    double mostSwapEver;

    Run(Load load, long memoryBytes, long tickNanos, Progress progress) {
      this.load = load;
      this.memoryBytes = memoryBytes;
      this.tickNanos = tickNanos;
      this.progress = progress;
    }

    @Override
    public void ended(Functions functions, int function, long nowNanos) {
      ended++;
      if (functions.killed[function]) {
        killed++;
      }
    }

    @Override
    public void sampled(Simulation simulation) {
      int machines = simulation.machines();
      double[] use = new double[machines];
      double[] swap = new double[machines];
      double tick = (double) simulation.nowNanos() / tickNanos;
      if (loadedSwapByMachine.length == 0) {
        loadedSwapByMachine = new double[machines];
      }
      for (int i = 0; i < machines; i++) {
        Machine machine = simulation.machine(i);
        use[i] = (double) machine.residentBytes(simulation.nowNanos()) / memoryBytes;
        swap[i] = machine.swappedBytes();
        mostSwapEver = Math.max(mostSwapEver, swap[i]);
        if (load.isLoaded(tick)) {
          loadedSwapByMachine[i] += swap[i];
        }
        if (moments.size() % (10 * SAMPLES_PER_TICK) == 0) {
          dots.add(new Dot(use[i], swap[i]));
        }
      }
      moments.add(
          new Moment(
              tick,
              Spread.mean(use),
              Spread.variation(use),
              Arrays.stream(use).min().orElse(0),
              Arrays.stream(use).max().orElse(0),
              Spread.mean(swap),
              Spread.variation(swap),
              Arrays.stream(swap).min().orElse(0),
              Arrays.stream(swap).max().orElse(0)));
      if (moments.size() % SAMPLES_PER_TICK == 0) {
        progress.step(1);
      }
    }
  }

  private final Setup setup;
  private final Load load;
  private final Memory memory;
  private final PaperWorkload.MemoryRange range;

  public Figure4(Setup setup, Load load, Memory memory, PaperWorkload.MemoryRange range) {
    this.setup = setup;
    this.load = load;
    this.memory = memory;
    this.range = range;
  }

  /** How many steps {@link #run} tells its progress. */
  public long steps() {
    return (long) setup.seeds() * load.end;
  }

  /** Runs it. */
  public Report run(String command, Progress progress) throws InterruptedException {
    var tasks = new ArrayList<Callable<Run>>();
    for (int i = 0; i < setup.seeds(); i++) {
      long seed = setup.firstSeed() + i;
      tasks.add(() -> one(seed, progress));
    }
    return report(command, Runs.all(tasks));
  }

  private Run one(long seed, Progress progress) {
    var functions = new Functions();
    int ranks = setup.classes().count();
    var machines = new SwappingMachine[setup.machines()];
    Arrays.setAll(
        machines, _ -> new SwappingMachine(functions, setup.cores(), ranks, memory, true));
    var run = new Run(load, memory.totalBytes(), setup.tickNanos(), progress);
    new Simulation(
            new Simulation.Options(
                setup.messageNanos(), setup.tickNanos() / SAMPLES_PER_TICK, Long.MAX_VALUE / 2),
            functions,
            machines,
            new PaperWorkload(
                setup.runtimes(),
                setup.classes(),
                range,
                load.profile(setup.tickNanos()),
                setup.allCores(),
                seed),
            run,
            simulation ->
                SchedulerKind.FAREWAY.scheduler(
                    simulation, setup.fareway(), setup.cores(), memory.totalBytes(), seed))
        .run();
    run.swappedOutByRank = new double[ranks];
    run.swappedOutByMachine = new double[machines.length];
    for (int i = 0; i < machines.length; i++) {
      for (int rank = 0; rank < ranks; rank++) {
        double bytes = machines[i].swappedOutBytes(rank);
        run.swappedOutByRank[rank] += bytes;
        run.swappedOutByMachine[i] += bytes;
      }
      if (!Double.isNaN(machines[i].lowestSwapUse())) {
        run.lowestSwapUse = Math.min(run.lowestSwapUse, machines[i].lowestSwapUse());
      }
    }
    return run;
  }

  private boolean isLoaded(Moment moment) {
    return load.isLoaded(moment.tick);
  }

  private boolean isHeight(Moment moment) {
    return load.isHeight(moment.tick);
  }

  private boolean isBefore(Moment moment) {
    return moment.tick > load.up / 2.0 && moment.tick <= load.up;
  }

  private Report report(String command, List<Run> runs) {
    var figures = new ArrayList<Figure>();
    Estimate use = estimate(runs, run -> average(run, this::isLoaded, Moment::use));
    Estimate useBefore = estimate(runs, run -> average(run, this::isBefore, Moment::use));
    Estimate spread = estimate(runs, run -> average(run, this::isLoaded, Moment::useVariation));
    Estimate swapSpread =
        estimate(
            runs,
            run ->
                average(
                    run,
                    moment -> isLoaded(moment) && moment.swap > SOME_SWAP,
                    Moment::swapVariation));
    Estimate heightUse = estimate(runs, run -> average(run, this::isHeight, Moment::use));
    Estimate heightUseSpread =
        estimate(runs, run -> average(run, this::isHeight, Moment::useVariation));
    Estimate heightSwap = estimate(runs, run -> average(run, this::isHeight, Moment::swap));
    Estimate heightSwapSpread =
        estimate(runs, run -> average(run, this::isHeight, Moment::swapVariation));
    Estimate phaseSpread = estimate(runs, run -> Spread.variation(run.loadedSwapByMachine));
    Estimate totalSpread = estimate(runs, run -> Spread.variation(run.swappedOutByMachine));
    Estimate swapBefore = estimate(runs, run -> average(run, this::isBefore, Moment::swap));
    Estimate swap = estimate(runs, run -> average(run, this::isLoaded, Moment::swap));
    double mostSwap = runs.stream().mapToDouble(run -> run.mostSwapEver).max().orElse(0);
    long killed = runs.stream().mapToLong(run -> run.killed).sum();
    double lowest = runs.stream().mapToDouble(run -> run.lowestSwapUse).min().orElse(1);
    double[] shares = sharesByRank(runs);
    figures.add(new Figure("utilisation_baseline", useBefore.mean(), "1"));
    figures.add(new Figure("utilisation_loaded", use.mean(), "1"));
    figures.add(new Figure("utilisation_loaded_margin", use.margin(), "1"));
    figures.add(new Figure("utilisation_variation_between_machines", spread.mean(), "1"));
    figures.add(new Figure("swap_baseline", swapBefore.mean() / GB, "GB/machine"));
    figures.add(new Figure("swap_loaded", swap.mean() / GB, "GB/machine"));
    figures.add(new Figure("swap_variation_between_machines", phaseSpread.mean(), "1"));
    figures.add(new Figure("swap_variation_between_machines_at_a_moment", swapSpread.mean(), "1"));
    figures.add(new Figure("utilisation_at_the_height", heightUse.mean(), "1"));
    figures.add(new Figure("utilisation_variation_at_the_height", heightUseSpread.mean(), "1"));
    figures.add(new Figure("swap_at_the_height", heightSwap.mean() / GB, "GB/machine"));
    figures.add(new Figure("swap_variation_at_the_height", heightSwapSpread.mean(), "1"));
    figures.add(new Figure("swapped_out_variation_between_machines", totalSpread.mean(), "1"));
    figures.add(new Figure("swap_largest", mostSwap / GB, "GB"));
    if (Double.isFinite(lowest)) {
      figures.add(new Figure("utilisation_lowest_when_swapping", lowest, "1"));
    }
    for (int rank = 0; rank < shares.length; rank++) {
      figures.add(new Figure("swapped_out_share_of_class_" + rank, shares[rank], "1"));
    }
    figures.add(new Figure("kills", killed, "functions"));
    figures.add(
        new Figure("functions", runs.stream().mapToLong(run -> run.ended).sum(), "functions"));
    var findings =
        List.of(
            Words.of(
                "Memory is %.1f%% in use on average under load %.2f, and %.1f%% under load %.2f; between machines the use varies"
                    + " by %.1f%% of its mean (coefficient of variation).",
                100 * use.mean(),
                load.loaded,
                100 * useBefore.mean(),
                load.baseline,
                100 * spread.mean()),
            Words.of(
                "Under load %.1f GB a machine are in swap on average, at most %.1f GB of %.0f GB on any; between machines the average"
                    + " over that time varies by %.0f%%, and what was swapped out in all by %.0f%%.",
                swap.mean() / GB,
                mostSwap / GB,
                memory.swap().sizeBytes() / GB,
                100 * phaseSpread.mean(),
                100 * totalSpread.mean()),
            Words.of(
                "At the height, in the last sixth of that time, memory is %.1f%% in use, which varies by %.1f%%, and %.1f GB a machine"
                    + " are in swap, which varies by %.0f%% at one moment; over all of that time by %.0f%%, since at its beginning"
                    + " some machines swap and others don't yet.",
                100 * heightUse.mean(),
                100 * heightUseSpread.mean(),
                heightSwap.mean() / GB,
                100 * heightSwapSpread.mean(),
                100 * swapSpread.mean()),
            Double.isFinite(lowest)
                ? Words.of(
                    "No machine swapped while less than %.1f%% of its memory was in use or needed for what was to run next.",
                    100 * lowest)
                : "No machine swapped.",
            Words.of(
                "Of the bytes swapped out, %.4f%% belonged to the dearest class and %.2f%% to the two cheapest.",
                100 * shares[shares.length - 1], 100 * (shares[0] + shares[1])),
            Words.of("Killed: %d functions.", killed));
    var parameters = setup.parameters();
    parameters.put(
        "load",
        Words.of(
            "%.2f, from tick %d on %.2f, from tick %d on %.2f again, to tick %d",
            load.baseline, load.up, load.loaded, load.down, load.baseline, load.end));
    parameters.put(
        "memory",
        Words.of(
            "%.1f GB a machine, %.0f GB of swap, %s; functions grow from %.1f GB to %.1f–%.1f GB",
            memory.totalBytes() / GB,
            memory.swap().sizeBytes() / GB,
            device(memory.swap()),
            memory.initialBytes() / GB,
            range.leastBytes() / GB,
            range.mostBytes() / GB));
    return new Report(
        "figure4",
        "Memory and swap under Fareway",
        "Does Fareway get by without knowing how much memory functions need? They grow while they run; when a machine's memory is"
            + " full, the cheapest are swapped out, and they come back when it is their turn.",
        command,
        parameters,
        findings,
        figures,
        List.of(overTime(runs.getFirst()), scatter(runs.getFirst())),
        List.of(classes(shares), ticks(runs.getFirst())));
  }

  static String device(SwapDevice device) {
    return device.isFree()
        ? "at no cost"
        : Words.of(
            "read at %.0f MB/s, written at %.0f MB/s, %.0f µs a request",
            device.readBytesPerSecond() / 1e6,
            device.writeBytesPerSecond() / 1e6,
            device.accessNanos() / 1e3);
  }

  private double[] sharesByRank(List<Run> runs) {
    double[] shares = new double[setup.classes().count()];
    double all = 0;
    for (Run run : runs) {
      for (int rank = 0; rank < shares.length; rank++) {
        shares[rank] += run.swappedOutByRank[rank];
        all += run.swappedOutByRank[rank];
      }
    }
    for (int rank = 0; rank < shares.length; rank++) {
      shares[rank] = all == 0 ? 0 : shares[rank] / all;
    }
    return shares;
  }

  private Chart overTime(Run run) {
    var use = new ArrayList<Chart.Point>();
    var swap = new ArrayList<Chart.Point>();
    for (Moment moment : run.moments) {
      use.add(
          new Chart.Point(
              moment.tick, 100 * moment.use, 100 * moment.leastUse, 100 * moment.mostUse));
      swap.add(
          new Chart.Point(
              moment.tick, moment.swap / GB, moment.leastSwap / GB, moment.mostSwap / GB));
    }
    List<Double> markers = List.of((double) load.up, (double) load.down);
    return new Chart(
        "figure4-time",
        "Memory and swap of the machines: mean, least and most (seed %d)"
            .formatted(setup.firstSeed()),
        "tick",
        List.of(
            new Chart.Panel(
                "memory in use, %",
                false, List.of(new Chart.Series("memory", Chart.Style.LINE, use)), markers),
            new Chart.Panel(
                "in swap, GB a machine",
                false,
                List.of(new Chart.Series("swap", Chart.Style.LINE, swap)),
                markers)));
  }

  private Chart scatter(Run run) {
    return new Chart(
        "figure4-machines",
        "Each machine every tenth tick: swap by memory in use (seed %d)"
            .formatted(setup.firstSeed()),
        "memory in use, %",
        List.of(
            new Chart.Panel(
                "in swap, GB",
                false,
                List.of(
                    new Chart.Series(
                        "machine",
                        Chart.Style.POINTS,
                        run.dots.stream()
                            .map(dot -> new Chart.Point(100 * dot.use, dot.swap / GB))
                            .toList())),
                List.of())));
  }

  private Table classes(double[] shares) {
    var rows = new ArrayList<List<String>>();
    for (int rank = 0; rank < shares.length; rank++) {
      rows.add(
          List.of(
              Integer.toString(rank),
              Long.toString(setup.classes().pricesNanoUnits().get(rank)),
              Words.of("%.4f", setup.classes().weights().get(rank)),
              Words.of("%.6f", shares[rank])));
    }
    return new Table(
        "figure4-classes",
        "Which classes were swapped out",
        List.of(
            "class", "price in nano-units", "share of invocations", "share of bytes swapped out"),
        rows,
        true);
  }

  private Table ticks(Run run) {
    var rows = new ArrayList<List<String>>();
    for (Moment moment : run.moments) {
      rows.add(
          List.of(
              Words.of("%.2f", moment.tick),
              Words.of("%.5f", moment.use),
              Words.of("%.5f", moment.useVariation),
              Words.of("%.5f", moment.leastUse),
              Words.of("%.5f", moment.mostUse),
              Words.of("%.4f", moment.swap / GB),
              Words.of("%.4f", moment.swapVariation),
              Words.of("%.4f", moment.leastSwap / GB),
              Words.of("%.4f", moment.mostSwap / GB)));
    }
    return new Table(
        "figure4-ticks",
        "By time",
        List.of(
            "tick",
            "use",
            "use_variation",
            "use_least",
            "use_most",
            "swap_gb",
            "swap_variation",
            "swap_least_gb",
            "swap_most_gb"),
        rows,
        false);
  }

  private static Estimate estimate(List<Run> runs, ToDoubleFunction<Run> value) {
    return Estimate.of(runs.stream().mapToDouble(value).toArray());
  }

  /** 0 where there is no such moment. */
  private static double average(
      Run run, java.util.function.Predicate<Moment> which, ToDoubleFunction<Moment> value) {
    return run.moments.stream().filter(which).mapToDouble(value).average().orElse(0);
  }
}
