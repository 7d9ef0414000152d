package dev.fareway.simulator.cli;

import dev.fareway.simulator.experiment.Figure3;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
  @Mixin
  SpikeOptions spike =
      new SpikeOptions(
          Figure3.Load.PAPER.baseline(),
          Figure3.Load.PAPER.loaded(),
          Figure3.Load.PAPER.up(),
          Figure3.Load.PAPER.down(),
          Figure3.Load.PAPER.end());

  private @Nullable Figure3 experiment;

  @Override
  Experiment prepare() {
    spike.check(common);
    int warmUp = Math.min(Figure3.Load.PAPER.warmUp(), spike.up / 2);
    var ready =
        new Figure3(
            common.setup(20, false, 0),
            new Figure3.Load(
                spike.baseline, spike.loaded, warmUp, spike.up, spike.down, spike.end));
    experiment = ready;
    return ready::run;
  }

  @Override
  long steps() {
    return experiment == null ? 0 : experiment.steps();
  }
}
