package dev.fareway.simulator.cli;

import picocli.CommandLine.Option;

/** Which arrivals of a steady load count. */
final class WindowOptions {
  @Option(
      names = "--warm-up",
      paramLabel = "TICKS",
      defaultValue = "10",
      description = "Functions that arrive before then don't count (default: ${DEFAULT-VALUE}).")
  int warmUp;

  @Option(
      names = "--ticks",
      paramLabel = "TICKS",
      defaultValue = "40",
      description =
          "When the last functions arrive; all of them are waited for (default: ${DEFAULT-VALUE}).")
  int ticks;

  /**
   * Refuses what can't be.
   *
   * @throws picocli.CommandLine.ParameterException naming the option that is wrong
   */
  void check(CommonOptions common) {
    common.within("--warm-up", warmUp, 0, 100_000);
    common.after("--ticks", ticks, "--warm-up", warmUp);
  }
}
