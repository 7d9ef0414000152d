package dev.fareway.simulator.cli;

import dev.fareway.simulator.experiment.Comparison;
import dev.fareway.simulator.machine.Memory;
import dev.fareway.simulator.scheduler.SchedulerKind;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of experiments that compare schedulers: which ones, and what their machines have. */
final class MemoryOptions {
  @Option(
      names = "--schedulers",
      paramLabel = "NAME",
      split = ",",
      description =
          "Which ones: fareway, full-knowledge, hermod, prequal, join-idle-queue, knative, sparrow, openwhisk"
              + " (default: all).")
  List<String> names = List.of();

  @Option(
      names = "--memory-gb",
      paramLabel = "X",
      defaultValue = "32",
      description =
          "Memory of each machine; 0: as much as functions like (default: ${DEFAULT-VALUE}).")
  double memoryGigabytes;

  @Mixin SwapOptions swap = new SwapOptions();

  @Option(
      names = "--others-swap",
      description =
          "Machines of schedulers without price classes swap, too: all functions alike, as the kernel does.")
  boolean othersSwap;

  @Option(
      names = "--idle-list",
      paramLabel = "true|false",
      arity = "1",
      defaultValue = "true",
      description =
          "Whether Fareway's dispatchers join idle lists; they don't where memory is boundless (default: ${DEFAULT-VALUE}).")
  boolean idleList;

  private static final double IDLE_SHARE = 0.1;

  private List<SchedulerKind> kinds = List.of();

  /**
   * What the machines have; reads all options.
   *
   * @throws picocli.CommandLine.ParameterException naming the option that is wrong
   */
  Comparison.Machines machines(CommonOptions common) {
    kinds =
        names.isEmpty()
            ? List.of(SchedulerKind.values())
            : names.stream().map(name -> kind(name, common)).distinct().toList();
    if (memoryGigabytes != 0) {
      common.within("--memory-gb", memoryGigabytes, 0.1, 1e6);
    }
    var memory =
        new Memory(
            Math.max(1, Math.round(memoryGigabytes * 1e9)), 100_000_000L, swap.device(common));
    return memoryGigabytes == 0
        ? new Comparison.Machines(null, null)
        : new Comparison.Machines(memory, othersSwap ? memory : memory.withoutSwap());
  }

  /** Which schedulers; after {@link #machines}. */
  List<SchedulerKind> schedulers() {
    return kinds;
  }

  boolean idleList() {
    return idleList && memoryGigabytes > 0;
  }

  /** A machine joins an idle list while a tenth of its memory is free. */
  long idleMemoryBytes() {
    return Math.round(memoryGigabytes * 1e9 * IDLE_SHARE);
  }

  private static SchedulerKind kind(String name, CommonOptions common) {
    for (SchedulerKind kind : SchedulerKind.values()) {
      if (kind.key().equals(name)) {
        return kind;
      }
    }
    throw common.bad(
        "--schedulers has '%s': there are %s"
            .formatted(
                name,
                Arrays.stream(SchedulerKind.values())
                    .map(SchedulerKind::key)
                    .collect(Collectors.joining(", "))));
  }
}
