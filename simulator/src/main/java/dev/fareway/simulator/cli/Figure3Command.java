package dev.fareway.simulator.cli;

import dev.fareway.simulator.experiment.Figure3;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./fareway simulate figure3}. */
@Command(
    name = "figure3",
    sortOptions = false,
    customSynopsis = "./fareway simulate figure3 [OPTION...]",
    usageHelpWidth = 88,
    header =
        "The paper's figure 3: the tail latency of the dearest and of the cheapest class when the load goes up and down again.",
    description = {
      "",
      "Functions arrive at a medium load. At tick 50 the load goes up to more than all cores, at"
          + " tick 80 down again. Fareway and Hermod get the very same functions. Hermod's machines"
          + " share their cores among all, so all suffer alike; Fareway's run the dearest first, so"
          + " the cheapest wait. The idle list is off and memory is boundless, as in the paper.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  ./fareway simulate figure3",
      "  ./fareway simulate figure3 --seeds 1            one run, a few seconds",
      "  ./fareway simulate figure3 --loaded 1.3 --k 2   more load, fewer choices",
      "",
      "Look at fareway_high_p99_loaded_over_baseline: 1 means that the dearest class feels nothing.",
    })
final class Figure3Command extends ExperimentCommand {
  @Option(
      names = "--load",
      paramLabel = "X",
      description = "Load before and after, as a share of all cores (default: 0.6).")
  double baseline = Figure3.Load.PAPER.baseline();

  @Option(names = "--loaded", paramLabel = "X", description = "Load in between (default: 1.1).")
  double loaded = Figure3.Load.PAPER.loaded();

  @Option(names = "--up", paramLabel = "TICK", description = "When the load goes up (default: 50).")
  int up = Figure3.Load.PAPER.up();

  @Option(
      names = "--down",
      paramLabel = "TICK",
      description = "When it goes down again (default: 80).")
  int down = Figure3.Load.PAPER.down();

  @Option(
      names = "--end",
      paramLabel = "TICK",
      description = "When the last functions arrive; all of them are waited for (default: 120).")
  int end = Figure3.Load.PAPER.end();

  private @Nullable Figure3 experiment;

  @Override
  Experiment prepare() {
    common.within("--load", baseline, 0.01, 10);
    common.within("--loaded", loaded, 0.01, 10);
    common.within("--up", up, 2, 100_000);
    common.after("--down", down, "--up", up);
    common.after("--end", end, "--down", down);
    int warmUp = Math.min(Figure3.Load.PAPER.warmUp(), up / 2);
    var ready =
        new Figure3(
            common.setup(20, false, 0), new Figure3.Load(baseline, loaded, warmUp, up, down, end));
    experiment = ready;
    return ready::run;
  }

  @Override
  long steps() {
    return experiment == null ? 0 : experiment.steps();
  }
}
