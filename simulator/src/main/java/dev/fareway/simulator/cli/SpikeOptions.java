package dev.fareway.simulator.cli;

import picocli.CommandLine.Option;

/** A load that goes up for a while and down again. */
final class SpikeOptions {
  @Option(
      names = "--load",
      paramLabel = "X",
      description = "Load before and after, as a share of all cores (default: ${DEFAULT-VALUE}).")
  double baseline;

  @Option(
      names = "--loaded",
      paramLabel = "X",
      description = "Load in between (default: ${DEFAULT-VALUE}).")
  double loaded;

  @Option(
      names = "--up",
      paramLabel = "TICK",
      description = "When the load goes up (default: ${DEFAULT-VALUE}).")
  int up;

  @Option(
      names = "--down",
      paramLabel = "TICK",
      description = "When it goes down again (default: ${DEFAULT-VALUE}).")
  int down;

  @Option(
      names = "--end",
      paramLabel = "TICK",
      description =
          "When the last functions arrive; all of them are waited for (default: ${DEFAULT-VALUE}).")
  int end;

  /** With what an experiment has by default. */
  SpikeOptions(double baseline, double loaded, int up, int down, int end) {
    this.baseline = baseline;
    this.loaded = loaded;
    this.up = up;
    this.down = down;
    this.end = end;
  }

  /**
   * Refuses what can't be.
   *
   * @throws picocli.CommandLine.ParameterException naming the option that is wrong
   */
  void check(CommonOptions common) {
    common.within("--load", baseline, 0.01, 10);
    common.within("--loaded", loaded, 0.01, 10);
    common.within("--up", up, 2, 100_000);
    common.after("--down", down, "--up", up);
    common.after("--end", end, "--down", down);
  }
}
