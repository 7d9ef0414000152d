package dev.fareway.simulator.experiment;

import dev.fareway.simulator.engine.Recorder;
import dev.fareway.simulator.engine.Scheduler;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.machine.Functions;
import dev.fareway.simulator.machine.Machine;
import dev.fareway.simulator.machine.Memory;
import dev.fareway.simulator.machine.SwapDevice;
import dev.fareway.simulator.report.Chart;
import dev.fareway.simulator.report.Figure;
import dev.fareway.simulator.report.Report;
import dev.fareway.simulator.report.Table;
import dev.fareway.simulator.report.Words;
import dev.fareway.simulator.scheduler.FarewayOptions;
import dev.fareway.simulator.scheduler.SchedulerKind;
import dev.fareway.simulator.workload.LoadProfile;
import dev.fareway.simulator.workload.PaperWorkload;
import dev.fareway.simulator.workload.Runtimes;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What a placement costs as the cluster grows, and whether memory stays bounded: the load of each
 * machine is always the same. The only experiment whose figures are times of this computer.
 */
public final class Scale {
  private static final long BOUNDLESS = 1L << 60;
  private static final double SECOND = 1e9;
  private static final double MIB = 1 << 20;

  /**
   * How large.
   *
   * @param sizes numbers of machines, ascending
   * @param rate functions a simulated second on the largest; the smaller get their share
   * @param load share of the cores that they keep busy: run times follow
   * @param functions how many on each size
   */
  public record Options(List<Integer> sizes, double rate, double load, long functions) {
    public Options {
      sizes = sizes.stream().sorted().distinct().toList();
    }
  }

  /** Fareway with idle lists and without, and Hermod beside it. */
  private enum Way {
    IDLE_LISTS("Fareway, idle lists", "fareway_idle_lists"),
    POLLS("Fareway, polls only", "fareway_polls"),
    HERMOD("Hermod", "hermod");

    final String title;
    final String key;

    Way(String title, String key) {
      this.title = title;
      this.key = key;
    }
  }

  private record Outcome(
      Way way,
      int machines,
      double simulatedSeconds,
      long placements,
      long events,
      double placementNanos,
      double wallSeconds,
      int mostFunctions,
      double heapHalfway,
      double heapAtEnd) {
    double eventsPerSecond() {
      return events / wallSeconds;
    }
  }

  private final Setup setup;
  private final Options options;

  public Scale(Setup setup, Options options) {
    this.setup = setup;
    this.options = options;
  }

  /** How many steps {@link #run} tells its progress: tenths of runs. */
  public long steps() {
    return 10L * Way.values().length * options.sizes.size();
  }

  /** Runs it, one run after the other. */
  public Report run(String command, Progress progress) throws InterruptedException {
    for (Way way : Way.values()) {
      // Until the compiler has seen it all.
      one(way, options.sizes.getFirst(), options.functions / 10, Progress.NONE);
    }
    var outcomes = new ArrayList<Outcome>();
    for (Way way : Way.values()) {
      for (int machines : options.sizes) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        outcomes.add(one(way, machines, options.functions, progress));
      }
    }
    return report(command, outcomes);
  }

  /** Tells the time that a scheduler takes for what has arrived: it is on its machine then. */
  private static final class Timed implements Scheduler {
    private final Scheduler scheduler;
    private long nanos;

    Timed(Scheduler scheduler) {
      this.scheduler = scheduler;
    }

    @Override
    public void arrived(int function) {
      long before = System.nanoTime();
      scheduler.arrived(function);
      nanos += System.nanoTime() - before;
    }

    @Override
    public void placed(int function, int machine) {
      scheduler.placed(function, machine);
    }

    @Override
    public void ended(int function, int machine) {
      scheduler.ended(function, machine);
    }

    @Override
    public void due(int subject, long detail) {
      scheduler.due(subject, detail);
    }
  }

  /** Looks at the heap halfway and when the last function has arrived. */
  private static final class Heap implements Recorder {
    private final Progress progress;
    private int samples;
    private double halfway;
    private double end;
    private long nanos;

    Heap(Progress progress) {
      this.progress = progress;
    }

    @Override
    public void ended(Functions functions, int function, long nowNanos) {}

    @Override
    public void sampled(Simulation simulation) {
      samples++;
      progress.step(1);
      if (samples == 5) {
        halfway = live();
      } else if (samples == 9) {
        end = live();
      }
    }

    private double live() {
      long before = System.nanoTime();
      System.gc();
      double used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      nanos += System.nanoTime() - before;
      return used;
    }
  }

  private Outcome one(Way way, int machineCount, long count, Progress progress) {
    double rate = options.rate * machineCount / options.sizes.getLast();
    long cores = (long) machineCount * setup.cores();
    double meanNanos = options.load * cores / rate * SECOND;
    Runtimes given = setup.runtimes();
    double minimum = meanNanos / given.meanRuntimeNanos() * given.meanNanos();
    var runtimes =
        new Runtimes(
            given.functions(),
            given.alpha(),
            minimum,
            minimum * given.deviationNanos() / given.meanNanos());
    long endNanos = (long) (count / rate * SECOND);
    var functions = new Functions();
    int ranks = setup.classes().count();
    var machines = new Machine[machineCount];
    boolean listed = way == Way.IDLE_LISTS;
    // As much memory as leaves about half of the machines with some free, so that lists are long.
    var memory =
        new Memory(setup.cores() * 4_000_000_000L, 100_000_000L, SwapDevice.free(BOUNDLESS));
    SchedulerKind kind = way == Way.HERMOD ? SchedulerKind.HERMOD : SchedulerKind.FAREWAY;
    Arrays.setAll(
        machines,
        _ ->
            listed
                ? kind.machine(functions, setup.cores(), ranks, memory)
                : kind.machine(functions, setup.cores(), ranks));
    FarewayOptions fareway =
        new FarewayOptions(
            setup.fareway().shards(),
            setup.fareway().k(),
            setup.fareway().discipline(),
            listed,
            memory.totalBytes() / 10,
            setup.fareway().memoryEstimateBytes(),
            setup.fareway().decisionNanos(),
            setup.fareway().pricesNanoUnits());
    var heap = new Heap(progress);
    Timed[] timed = new Timed[1];
    var simulation =
        new Simulation(
            new Simulation.Options(
                setup.messageNanos(), Math.max(1, endNanos / 10), Long.MAX_VALUE / 2),
            functions,
            machines,
            new PaperWorkload(
                runtimes,
                setup.classes(),
                PaperWorkload.MemoryRange.PAPER,
                LoadProfile.constant(options.load, endNanos),
                cores,
                setup.firstSeed()),
            heap,
            created -> {
              timed[0] =
                  new Timed(
                      kind.scheduler(
                          created,
                          fareway,
                          setup.cores(),
                          listed ? memory.totalBytes() : BOUNDLESS,
                          setup.firstSeed()));
              return timed[0];
            });
    long before = System.nanoTime();
    simulation.run();
    long wall = System.nanoTime() - before - heap.nanos;
    for (int i = heap.samples; i < 10; i++) {
      progress.step(1);
    }
    return new Outcome(
        way,
        machineCount,
        endNanos / SECOND,
        simulation.arrived(),
        simulation.events(),
        (double) timed[0].nanos / simulation.arrived(),
        wall / SECOND,
        functions.highWaterMark(),
        heap.halfway,
        heap.end);
  }

  private Report report(String command, List<Outcome> outcomes) {
    var figures = new ArrayList<Figure>();
    var findings = new ArrayList<String>();
    for (Outcome outcome : outcomes) {
      String name = "%s_%d_machines".formatted(outcome.way.key, outcome.machines);
      figures.add(new Figure(name + "_placement", outcome.placementNanos / 1e3, "us"));
      figures.add(new Figure(name + "_events_per_second", outcome.eventsPerSecond(), "events/s"));
      figures.add(new Figure(name + "_heap", outcome.heapAtEnd / MIB, "MiB"));
    }
    for (Way way : Way.values()) {
      List<Outcome> of = outcomes.stream().filter(outcome -> outcome.way == way).toList();
      Outcome small = of.getFirst();
      Outcome large = of.getLast();
      findings.add(
          Words.of(
              "%s: %.2f µs a placement on %d machines, %.2f µs on %d.",
              way.title,
              small.placementNanos / 1e3,
              small.machines,
              large.placementNanos / 1e3,
              large.machines));
    }
    Outcome largest =
        outcomes.stream()
            .filter(outcome -> outcome.way == Way.POLLS)
            .reduce((_, last) -> last)
            .orElseThrow();
    findings.add(
        Words.of(
            "%d machines with %d cores, %.0f functions a simulated second: %d functions at one time, %.0f MiB of live heap halfway"
                + " and %.0f MiB at the end; a simulated second takes %.1f s.",
            largest.machines,
            setup.cores(),
            largest.placements / largest.simulatedSeconds,
            largest.mostFunctions,
            largest.heapHalfway / MIB,
            largest.heapAtEnd / MIB,
            largest.wallSeconds / largest.simulatedSeconds));
    findings.add(
        "These figures are times of the computer it ran on, on one core: they differ from run to run, unlike those of all other experiments.");
    Map<String, String> parameters = setup.parameters();
    parameters.put(
        "machines",
        "%s with %d cores each"
            .formatted(
                String.join(", ", options.sizes.stream().map(size -> "" + size).toList()),
                setup.cores()));
    parameters.put(
        "load",
        Words.of(
            "%.2f on every size, %d functions each; %.0f a simulated second on the largest; run times are scaled to that",
            options.load, options.functions, options.rate));
    return new Report(
        "scale",
        "What a placement costs as the cluster grows",
        "Every machine always has the same to do; there are more and more of them. A placement is all that happens from a"
            + " function's arrival until it is on its machine: queue, idle list or polls, charging, and the simulated machine's part.",
        command,
        parameters,
        findings,
        figures,
        List.of(chart(outcomes)),
        List.of(table(outcomes)));
  }

  private static Chart chart(List<Outcome> outcomes) {
    var series = new ArrayList<Chart.Series>();
    for (Way way : Way.values()) {
      series.add(
          new Chart.Series(
              way.title,
              Chart.Style.LINE,
              outcomes.stream()
                  .filter(outcome -> outcome.way == way)
                  .map(outcome -> new Chart.Point(outcome.machines, outcome.placementNanos / 1e3))
                  .toList()));
    }
    return new Chart(
        "scale",
        "Cost of a placement by size of the cluster",
        "machines",
        true,
        List.of(new Chart.Panel("µs a placement", false, series, List.of())));
  }

  private static Table table(List<Outcome> outcomes) {
    var rows = new ArrayList<List<String>>();
    for (Outcome outcome : outcomes) {
      rows.add(
          List.of(
              outcome.way.title.replace(",", ";"),
              Integer.toString(outcome.machines),
              Words.of("%.3f", outcome.placementNanos / 1e3),
              Words.of("%.2f", outcome.eventsPerSecond() / 1e6),
              Words.of("%.1f", outcome.simulatedSeconds),
              Words.of("%.1f", outcome.wallSeconds),
              Long.toString(outcome.placements),
              Integer.toString(outcome.mostFunctions),
              Words.of("%.0f", outcome.heapHalfway / MIB),
              Words.of("%.0f", outcome.heapAtEnd / MIB)));
    }
    return new Table(
        "scale",
        "Every size",
        List.of(
            "scheduler",
            "machines",
            "µs a placement",
            "million events/s",
            "simulated s",
            "took s",
            "placements",
            "most at one time",
            "heap halfway MiB",
            "heap at end MiB"),
        rows,
        true);
  }
}
