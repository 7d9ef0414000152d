package dev.fareway.simulator.cli;

import dev.fareway.simulator.experiment.Ablation;
import dev.fareway.simulator.machine.Memory;
import dev.fareway.simulator.machine.SwapDevice;
import dev.fareway.simulator.workload.PaperWorkload;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./fareway simulate ablate}. */
@Command(
    name = "ablate",
    sortOptions = false,
    customSynopsis = "./fareway simulate ablate [OPTION...]",
    usageHelpWidth = 88,
    header = "What each part of Fareway is worth: one change at a time.",
    description = {
      "",
      "What each part of Fareway is worth: idle lists on and off, k from 1 to 8, shards from 1 to 64,"
          + " the queue discipline, and how old load information may be; one change at a time.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  ./fareway simulate ablate",
      "  ./fareway simulate ablate --load 0.7 --seeds 10",
    })
final class AblateCommand extends ExperimentCommand {
  @Option(
      names = "--load",
      paramLabel = "X",
      defaultValue = "0.95",
      description = "Load, as a share of all cores (default: ${DEFAULT-VALUE}).")
  double load;

  @Mixin WindowOptions window = new WindowOptions();

  @Option(
      names = "--memory-gb",
      paramLabel = "X",
      defaultValue = "32",
      description = "Memory of each machine (default: ${DEFAULT-VALUE}).")
  double memoryGigabytes;

  private @Nullable Ablation experiment;

  @Override
  Experiment prepare() {
    common.within("--load", load, 0.01, 10);
    window.check(common);
    common.within("--memory-gb", memoryGigabytes, 0.1, 1e6);
    long memoryBytes = Math.round(memoryGigabytes * 1e9);
    var ready =
        new Ablation(
            common.setup(3, true, memoryBytes / 10),
            new Memory(memoryBytes, 100_000_000L, SwapDevice.free(500_000_000_000L)),
            PaperWorkload.MemoryRange.PAPER,
            load,
            window.warmUp,
            window.ticks);
    experiment = ready;
    return ready::run;
  }

  @Override
  long steps() {
    return experiment == null ? 0 : experiment.steps();
  }
}
