package dev.fareway.simulator.cli;

import dev.fareway.scheduler.core.QueueDiscipline;
import dev.fareway.simulator.experiment.Setup;
import dev.fareway.simulator.scheduler.FarewayOptions;
import dev.fareway.simulator.workload.PriceClasses;
import dev.fareway.simulator.workload.Runtimes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of every experiment. The defaults are the paper's where it names one. */
final class CommonOptions {
  /** In the help, after what is an experiment's own. */
  static final int LAST = 100;

  private static final int ESTIMATED_BYTES = 100_000_000;

  /** At least 1, at most 7 digits. */
  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec spec;

  @Option(
      order = LAST,
      names = "--report",
      paramLabel = "DIR",
      description = "Where the report goes (default: target/simulate/ and the experiment's name).")
  @Nullable Path report;

  @Option(
      order = LAST,
      names = "--machines",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many machines there are (default: ${DEFAULT-VALUE}).")
  int machines;

  @Option(
      order = LAST,
      names = "--cores",
      paramLabel = "N",
      defaultValue = "8",
      description = "Cores of each machine (default: ${DEFAULT-VALUE}).")
  int cores;

  @Option(
      order = LAST,
      names = "--shards",
      paramLabel = "N",
      defaultValue = "4",
      description = "Shards of the global scheduler (default: ${DEFAULT-VALUE}).")
  int shards;

  @Option(
      order = LAST,
      names = "--k",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "How many machines are polled for one function, and how many idle lists a machine compares (default: ${DEFAULT-VALUE}).")
  int k;

  @Option(
      order = LAST,
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Seed of the first run; the same seed gives the same report, byte for byte (default: ${DEFAULT-VALUE}).")
  long seed;

  @Option(
      order = LAST,
      names = "--seeds",
      paramLabel = "N",
      description =
          "How many runs with seeds one after the other, for confidence intervals (default: the experiment's).")
  @Nullable Integer seeds;

  @Option(
      order = LAST,
      names = "--classes",
      paramLabel = "N",
      defaultValue = "5",
      description = "How many price classes (default: ${DEFAULT-VALUE}).")
  int classes;

  @Option(
      order = LAST,
      names = "--high-share",
      paramLabel = "X",
      defaultValue = "0.3",
      description =
          "Classes are weighted bimodally; this share of the invocations belongs to the upper mode (default: ${DEFAULT-VALUE}).")
  double highShare;

  @Option(
      order = LAST,
      names = "--functions",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "How many functions, each with its own least run time x_m (default: ${DEFAULT-VALUE}).")
  int functions;

  @Option(
      order = LAST,
      names = "--alpha",
      paramLabel = "X",
      defaultValue = "2",
      description =
          "Run times are Pareto distributed with this alpha: the smaller, the longer the tail (default: ${DEFAULT-VALUE}).")
  double alpha;

  @Option(
      order = LAST,
      names = "--xm-ms",
      paramLabel = "X",
      defaultValue = "50",
      description = "Mean of x_m over the functions, in milliseconds (default: ${DEFAULT-VALUE}).")
  double minimumMillis;

  @Option(
      order = LAST,
      names = "--xm-deviation-ms",
      paramLabel = "X",
      defaultValue = "15",
      description = "Standard deviation of x_m (default: ${DEFAULT-VALUE}).")
  double deviationMillis;

  @Option(
      order = LAST,
      names = "--message-us",
      paramLabel = "X",
      defaultValue = "0",
      description =
          "How long a message between a scheduler and a machine takes, in microseconds; loads that are polled are that old"
              + " (default: ${DEFAULT-VALUE}, the paper's).")
  double messageMicros;

  @Option(
      order = LAST,
      names = "--decision-us",
      paramLabel = "X",
      defaultValue = "0",
      description =
          "How long a shard takes for one decision, in microseconds; at 0 its queue is always empty (default: ${DEFAULT-VALUE}).")
  double decisionMicros;

  @Option(
      order = LAST,
      names = "--discipline",
      paramLabel = "NAME",
      defaultValue = "price-times-wait",
      description =
          "Which head of a shard's queue is next: price-times-wait or strict-price (default: ${DEFAULT-VALUE}).")
  String discipline = "";

  /**
   * The setup that the options describe.
   *
   * @param defaultSeeds of this experiment
   * @param idleList whether idle lists are in use
   * @param idleMemoryBytes free memory at which a machine joins one
   * @throws ParameterException naming the option that is out of range
   */
  Setup setup(int defaultSeeds, boolean idleList, long idleMemoryBytes) {
    within("--machines", machines, 1, 1_000_000);
    within("--cores", cores, 1, 4096);
    within("--shards", shards, 1, 4096);
    within("--k", k, 1, 1000);
    int runs = seeds == null ? defaultSeeds : seeds;
    within("--seeds", runs, 1, 10_000);
    within("--classes", classes, 2, 100);
    within("--high-share", highShare, 0.001, 0.999);
    within("--functions", functions, 1, 10_000_000);
    within("--alpha", alpha, 1.05, 100);
    within("--xm-ms", minimumMillis, 0.001, 1e7);
    within("--xm-deviation-ms", deviationMillis, 0, 1e7);
    within("--message-us", messageMicros, 0, 1e9);
    within("--decision-us", decisionMicros, 0, 1e9);
    PriceClasses priceClasses = PriceClasses.bimodal(classes, highShare);
    return new Setup(
        machines,
        cores,
        new FarewayOptions(
            shards,
            k,
            queueDiscipline(),
            idleList,
            idleMemoryBytes,
            ESTIMATED_BYTES,
            Math.round(decisionMicros * 1e3),
            priceClasses.pricesNanoUnits()),
        priceClasses,
        new Runtimes(functions, alpha, minimumMillis * 1e6, deviationMillis * 1e6),
        Math.round(messageMicros * 1e3),
        1_000_000_000L,
        seed,
        runs);
  }

  /**
   * The folder of the report.
   *
   * @throws ParameterException if there is something else of that name
   */
  Path folder(String experiment) {
    Path folder = report;
    if (folder == null) {
      return Path.of(System.getProperty("fareway.home", "."), "target", "simulate", experiment);
    }
    for (Path at = folder.toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.exists(at)) {
        if (!Files.isDirectory(at) || !Files.isWritable(at)) {
          throw bad(
              "--report is %s, but %s is not a folder that can be written".formatted(folder, at));
        }
        break;
      }
    }
    return folder;
  }

  /** Refuses a number out of range, naming the option. */
  void within(String option, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw bad(
          "%s is %s: it must be from %s to %s"
              .formatted(option, number(value), number(least), number(most)));
    }
  }

  /** Refuses a tick that does not come after another, naming both options. */
  void after(String option, int tick, String before, int tickBefore) {
    if (tick <= tickBefore) {
      throw bad(
          "%s is %d: it must come after %s, which is %d"
              .formatted(option, tick, before, tickBefore));
    }
    within(option, tick, 0, 100_000);
  }

  /** Whether an option stands on the command line. */
  boolean isGiven(String option) {
    return spec != null && spec.commandLine().getParseResult().hasMatchedOption(option);
  }

  /** A wrong use of this experiment. */
  ParameterException bad(String message) {
    if (spec == null) {
      throw new IllegalStateException(message);
    }
    return new ParameterException(spec.commandLine(), message);
  }

  private QueueDiscipline queueDiscipline() {
    for (QueueDiscipline each : QueueDiscipline.values()) {
      if (each.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(discipline)) {
        return each;
      }
    }
    throw bad(
        "--discipline is '%s': it must be price-times-wait or strict-price".formatted(discipline));
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
