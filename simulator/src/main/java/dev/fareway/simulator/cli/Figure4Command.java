package dev.fareway.simulator.cli;

import dev.fareway.simulator.experiment.Figure4;
import dev.fareway.simulator.machine.Memory;
import dev.fareway.simulator.workload.PaperWorkload;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./fareway simulate figure4}. */
@Command(
    name = "figure4",
    sortOptions = false,
    customSynopsis = "./fareway simulate figure4 [OPTION...]",
    usageHelpWidth = 88,
    header =
        "The paper's figure 4: how evenly memory is used, and what is swapped, when functions don't tell how much they need.",
    description = {
      "",
      "Functions grow from 100 MB to up to 10 GB on machines of 32 GB. When a machine's memory is"
          + " full, it swaps the cheapest functions out, and brings them back when it is their turn."
          + " Dispatchers join idle lists while much memory is free.",
      "",
    },
    footer = {
      "",
      "Examples:",
      "  ./fareway simulate figure4",
      "  ./fareway simulate figure4 --swap-gb 50               a small disk: are any killed?",
      "  ./fareway simulate figure4 --swap-device nvme         a real disk takes its time",
      "  ./fareway simulate figure4 --loaded 1.2 --idle-list=false",
    })
final class Figure4Command extends ExperimentCommand {
  @Mixin
  SpikeOptions spike =
      new SpikeOptions(
          Figure4.Load.DEFAULTS.baseline(),
          Figure4.Load.DEFAULTS.loaded(),
          Figure4.Load.DEFAULTS.up(),
          Figure4.Load.DEFAULTS.down(),
          Figure4.Load.DEFAULTS.end());

  @Option(
      names = "--memory-gb",
      paramLabel = "X",
      defaultValue = "32",
      description = "Memory of each machine (default: ${DEFAULT-VALUE}).")
  double memoryGigabytes;

  @Mixin SwapOptions swap = new SwapOptions();

  @Option(
      names = "--most-gb",
      paramLabel = "X",
      defaultValue = "10",
      description =
          "Functions grow to between 0.1 GB and this, uniformly (default: ${DEFAULT-VALUE}).")
  double mostGigabytes;

  @Option(
      names = "--idle-list",
      paramLabel = "true|false",
      arity = "1",
      defaultValue = "true",
      description = "Whether dispatchers join idle lists (default: ${DEFAULT-VALUE}).")
  boolean idleList;

  @Option(
      names = "--idle-memory",
      paramLabel = "X",
      defaultValue = "0.1",
      description =
          "Share of its memory that must be free for a machine to join one (default: ${DEFAULT-VALUE}).")
  double idleMemory;

  private @Nullable Figure4 experiment;

  @Override
  Experiment prepare() {
    spike.check(common);
    common.within("--memory-gb", memoryGigabytes, 0.1, 1e6);
    common.within("--most-gb", mostGigabytes, 0.1, 1e6);
    common.within("--idle-memory", idleMemory, 0, 1);
    long memoryBytes = Math.round(memoryGigabytes * 1e9);
    var ready =
        new Figure4(
            common.setup(5, idleList, Math.round(idleMemory * memoryBytes)),
            new Figure4.Load(spike.baseline, spike.loaded, spike.up, spike.down, spike.end),
            new Memory(memoryBytes, 100_000_000L, swap.device(common)),
            new PaperWorkload.MemoryRange(100_000_000L, Math.round(mostGigabytes * 1e9)));
    experiment = ready;
    return ready::run;
  }

  @Override
  long steps() {
    return experiment == null ? 0 : experiment.steps();
  }
}
