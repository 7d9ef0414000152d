package dev.fareway.simulator.cli;

import dev.fareway.simulator.experiment.Scale;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./fareway simulate scale}. */
@Command(
    name = "scale",
    sortOptions = false,
    customSynopsis = "./fareway simulate scale [OPTION...]",
    usageHelpWidth = 88,
    header = "What a placement costs as the cluster grows to 10,000 machines of 64 cores.",
    description = {
      "",
      "What a placement costs as the cluster grows to 10,000 machines of 64 cores and a million"
          + " functions a simulated second, and how much memory that takes.",
      "",
      "Its figures are times of this computer: leave it alone meanwhile. They differ from run to"
          + " run, unlike those of all other experiments.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  ./fareway simulate scale",
      "  ./fareway simulate scale --sizes 1000 --rate 100000 --shards 16",
    })
final class ScaleCommand extends ExperimentCommand {
  @Option(
      names = "--sizes",
      paramLabel = "N",
      split = ",",
      defaultValue = "100,1000,10000",
      description =
          "Numbers of machines, in place of --machines (default: ${DEFAULT-VALUE}); --cores is 64 unless given.")
  List<Integer> sizes = List.of();

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "Functions a simulated second on the largest; the smaller get their share (default: ${DEFAULT-VALUE}).")
  double rate;

  @Option(
      names = "--load",
      paramLabel = "X",
      defaultValue = "0.8",
      description =
          "Share of the cores that is busy; run times follow from it (default: ${DEFAULT-VALUE}).")
  double load;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "3000000",
      description = "How many functions are run on each size (default: ${DEFAULT-VALUE}).")
  long count;

  private @Nullable Scale experiment;

  @Override
  Experiment prepare() {
    for (String none : List.of("--machines", "--seeds")) {
      if (common.isGiven(none)) {
        throw common.bad(
            "%s has no meaning here: %s"
                .formatted(
                    none,
                    none.equals("--machines")
                        ? "--sizes tells the numbers of machines"
                        : "each size is run once, with the seed of --seed"));
      }
    }
    sizes.forEach(size -> common.within("--sizes", size, 1, 1_000_000));
    common.within("--rate", rate, 1, 1e9);
    common.within("--load", load, 0.01, 0.99);
    common.within("--count", (double) count, 1000, 1e10);
    if (!common.isGiven("--cores")) {
      common.cores = 64;
    }
    var ready = new Scale(common.setup(1, true, 0), new Scale.Options(sizes, rate, load, count));
    experiment = ready;
    return ready::run;
  }

  @Override
  long steps() {
    return experiment == null ? 0 : experiment.steps();
  }
}
