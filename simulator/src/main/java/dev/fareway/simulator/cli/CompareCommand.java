package dev.fareway.simulator.cli;

import dev.fareway.simulator.experiment.Comparison;
import dev.fareway.simulator.experiment.SteadyLoad;
import dev.fareway.simulator.workload.PaperWorkload;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./fareway simulate compare}. */
@Command(
    name = "compare",
    sortOptions = false,
    customSynopsis = "./fareway simulate compare [OPTION...]",
    usageHelpWidth = 88,
    header =
        "All schedulers side by side at loads from 0.5 to 1.3: slowdown by class, kills, utilisation.",
    description = {
      "",
      "Every scheduler gets the very same functions, on machines with its own way to run them:"
          + " Fareway and the bound with full knowledge run the dearest first; Hermod, Prequal,"
          + " Join-Idle-Queue and Knative share the cores among all; OpenWhisk and Sparrow run one"
          + " after the other. Machines have 32 GB; only where memory is swapped by price class do"
          + " they swap, as the others are run without swap by default.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  ./fareway simulate compare",
      "  ./fareway simulate compare --memory-gb 0      memory is boundless: scheduling alone",
      "  ./fareway simulate compare --others-swap --swap-device nvme",
      "  ./fareway simulate compare --schedulers fareway,hermod,prequal --loads 0.9,0.95,1",
      "  ./fareway simulate compare --message-us 500   polled loads are that old",
    })
final class CompareCommand extends ExperimentCommand {
  @Option(
      names = "--loads",
      paramLabel = "X",
      split = ",",
      defaultValue = "0.5,0.6,0.7,0.8,0.9,1,1.1,1.2,1.3",
      description = "Loads, as shares of all cores (default: ${DEFAULT-VALUE}).")
  List<Double> loads = List.of();

  @Mixin WindowOptions window = new WindowOptions();

  @Option(
      names = "--most-gb",
      paramLabel = "X",
      defaultValue = "10",
      description =
          "Functions grow to between 0.1 GB and this, uniformly (default: ${DEFAULT-VALUE}).")
  double mostGigabytes;

  @Mixin MemoryOptions memory = new MemoryOptions();

  private @Nullable Comparison experiment;

  @Override
  Experiment prepare() {
    loads.forEach(load -> common.within("--loads", load, 0.01, 10));
    window.check(common);
    common.within("--most-gb", mostGigabytes, 0.1, 1e6);
    Comparison.Machines machines = memory.machines(common);
    var setup = common.setup(3, memory.idleList(), memory.idleMemoryBytes());
    var ready =
        new Comparison(
            setup,
            memory.schedulers(),
            machines,
            new SteadyLoad(
                setup,
                new PaperWorkload.MemoryRange(100_000_000L, Math.round(mostGigabytes * 1e9)),
                loads,
                window.warmUp,
                window.ticks),
            new Comparison.Titles(
                "compare",
                "Schedulers side by side",
                "How does each class fare as load grows, under Fareway and under the systems that it argues against? All get the"
                    + " very same functions, each on machines that work its own way."));
    experiment = ready;
    return ready::run;
  }

  @Override
  long steps() {
    return experiment == null ? 0 : experiment.steps();
  }
}
