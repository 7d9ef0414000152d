package dev.fareway.simulator.cli;

import dev.fareway.simulator.experiment.Figure4;
import dev.fareway.simulator.machine.Memory;
import dev.fareway.simulator.workload.PaperWorkload;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
  @Option(
      names = "--load",
      paramLabel = "X",
      description = "Load before and after, as a share of all cores (default: 0.7).")
  double baseline = Figure4.Load.DEFAULTS.baseline();

  @Option(names = "--loaded", paramLabel = "X", description = "Load in between (default: 1.05).")
  double loaded = Figure4.Load.DEFAULTS.loaded();

  @Option(names = "--up", paramLabel = "TICK", description = "When the load goes up (default: 30).")
  int up = Figure4.Load.DEFAULTS.up();

  @Option(
      names = "--down",
      paramLabel = "TICK",
      description = "When it goes down again (default: 90).")
  int down = Figure4.Load.DEFAULTS.down();

  @Option(
      names = "--end",
      paramLabel = "TICK",
      description = "When the last functions arrive (default: 120).")
  int end = Figure4.Load.DEFAULTS.end();

  @Option(
      names = "--memory-gb",
      paramLabel = "X",
      defaultValue = "32",
      description = "Memory of each machine (default: ${DEFAULT-VALUE}).")
  double memoryGigabytes;

  @Option(
      names = "--swap-gb",
      paramLabel = "X",
      defaultValue = "500",
      description = "Swap of each machine (default: ${DEFAULT-VALUE}).")
  double swapGigabytes;

  @Option(
      names = "--swap-device",
      paramLabel = "NAME",
      defaultValue = "free",
      description =
          "What the device costs: free (the paper), sata, nvme, or READ/WRITE in MB/s (default: ${DEFAULT-VALUE}).")
  String swapDevice = "";

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
    common.within("--load", baseline, 0.01, 10);
    common.within("--loaded", loaded, 0.01, 10);
    common.within("--up", up, 2, 100_000);
    common.after("--down", down, "--up", up);
    common.after("--end", end, "--down", down);
    common.within("--memory-gb", memoryGigabytes, 0.1, 1e6);
    common.within("--swap-gb", swapGigabytes, 0, 1e6);
    common.within("--most-gb", mostGigabytes, 0.1, 1e6);
    common.within("--idle-memory", idleMemory, 0, 1);
    long memoryBytes = Math.round(memoryGigabytes * 1e9);
    var ready =
        new Figure4(
            common.setup(5, idleList, Math.round(idleMemory * memoryBytes)),
            new Figure4.Load(baseline, loaded, up, down, end),
            new Memory(
                memoryBytes,
                100_000_000L,
                common.swapDevice(swapDevice, Math.round(swapGigabytes * 1e9))),
            new PaperWorkload.MemoryRange(100_000_000L, Math.round(mostGigabytes * 1e9)));
    experiment = ready;
    return ready::run;
  }

  @Override
  long steps() {
    return experiment == null ? 0 : experiment.steps();
  }
}
