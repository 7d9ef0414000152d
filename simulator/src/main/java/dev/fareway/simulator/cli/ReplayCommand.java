package dev.fareway.simulator.cli;

import dev.fareway.simulator.experiment.Comparison;
import dev.fareway.simulator.experiment.TraceReplay;
import dev.fareway.simulator.trace.Trace;
import dev.fareway.simulator.trace.TraceLayout;
import dev.fareway.simulator.trace.TraceReader;
import dev.fareway.simulator.workload.PaperWorkload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./fareway simulate replay}. */
@Command(
    name = "replay",
    sortOptions = false,
    customSynopsis = "./fareway simulate replay --trace=FILE [OPTION...]",
    usageHelpWidth = 88,
    header = "All schedulers side by side under a recorded trace (Azure Functions, Huawei).",
    description = {
      "",
      "All schedulers side by side under a recorded trace: Azure Functions 2019 and 2021, Huawei 2023"
          + " and 2025, in the layouts in which they are published; docs/traces.md tells of them.",
      "",
      "No trace knows price classes: each function is given one at random, bimodally as the paper"
          + " does; where the trace tells triggers, those that are called over HTTP get a dear one.",
      "",
    },
    footer = {
      "",
      "Examples, with the made sample in docs/traces:",
      "  ./fareway simulate replay --trace docs/traces/azure-2021.csv --machines 4",
      "  ./fareway simulate replay --trace docs/traces/azure-2019-invocations.csv \\",
      "      --durations docs/traces/azure-2019-durations.csv \\",
      "      --trace-memory docs/traces/azure-2019-memory.csv --machines 4 --speeds 1,4",
    })
final class ReplayCommand extends ExperimentCommand {
  @Option(
      names = "--trace",
      paramLabel = "FILE",
      required = true,
      description = "The CSV file with the invocations.")
  @Nullable Path trace;

  @Option(
      names = "--layout",
      paramLabel = "NAME",
      description =
          "azure-2019, azure-2021, huawei-2023 or huawei-2025 (default: by the head of the file).")
  @Nullable String layout;

  @Option(
      names = "--durations",
      paramLabel = "FILE",
      description =
          "Run times, for azure-2019 (function_durations_percentiles) and huawei-2023 (function_delay); without it they are drawn"
              + " as in the paper.")
  @Nullable Path durations;

  @Option(
      names = "--trace-memory",
      paramLabel = "FILE",
      description =
          "Memory, for azure-2019 (app_memory_percentiles); without it it is drawn as in the paper.")
  @Nullable Path traceMemory;

  @Option(
      names = "--delay-unit",
      paramLabel = "ms|s",
      defaultValue = "ms",
      description = "Unit of the function delays of huawei-2023 (default: ${DEFAULT-VALUE}).")
  String delayUnit = "";

  @Option(
      names = "--from-minute",
      paramLabel = "N",
      defaultValue = "0",
      description = "First minute of the trace to replay (default: ${DEFAULT-VALUE}).")
  int fromMinute;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "30",
      description = "How many minutes of it (default: ${DEFAULT-VALUE}).")
  int minutes;

  @Option(
      names = "--speeds",
      paramLabel = "X",
      split = ",",
      defaultValue = "1",
      description =
          "How many times as quickly as recorded functions arrive; run times stay (default: ${DEFAULT-VALUE}).")
  List<Double> speeds = List.of();

  @Option(
      names = "--most-gb",
      paramLabel = "X",
      defaultValue = "1",
      description =
          "Where the trace tells no memory, functions grow to between 0.1 GB and this (default: ${DEFAULT-VALUE}).")
  double mostGigabytes;

  @Mixin MemoryOptions memory = new MemoryOptions();

  private @Nullable Comparison experiment;

  @Override
  Experiment prepare() {
    common.within("--from-minute", fromMinute, 0, 1_000_000);
    common.within("--minutes", minutes, 1, 1_000_000);
    speeds.forEach(speed -> common.within("--speeds", speed, 0.001, 1e6));
    common.within("--most-gb", mostGigabytes, 0.1, 1e6);
    Comparison.Machines machines = memory.machines(common);
    var setup = common.setup(3, memory.idleList(), memory.idleMemoryBytes());
    if (!delayUnit.equals("ms") && !delayUnit.equals("s")) {
      throw common.bad("--delay-unit is '%s': it must be ms or s".formatted(delayUnit));
    }
    Path file = file("--trace", trace);
    if (file == null) {
      throw common.bad("--trace is missing");
    }
    var reader =
        new TraceReader(
            new TraceReader.Source(
                file,
                layout(),
                file("--durations", durations),
                file("--trace-memory", traceMemory),
                delayUnit.equals("s") ? 1_000_000_000L : 1_000_000L,
                fromMinute,
                minutes),
            setup.runtimes());
    Trace read;
    String source;
    try {
      refuseWhatIsNotRead(reader.layout());
      read = reader.read();
      source = "%s (%s)".formatted(file.getFileName(), reader.layout().key());
    } catch (NoSuchFileException e) {
      throw common.bad("--trace, --durations or --trace-memory: there is no " + e.getFile());
    } catch (IOException e) {
      throw common.bad("" + e.getMessage());
    }
    var ready =
        new Comparison(
            setup,
            memory.schedulers(),
            machines,
            new TraceReplay(
                setup,
                read,
                source,
                new PaperWorkload.MemoryRange(100_000_000L, Math.round(mostGigabytes * 1e9)),
                speeds),
            new Comparison.Titles(
                "replay",
                "Schedulers side by side under a trace",
                "How does each class fare under what a platform recorded? All schedulers get the very same functions, each on"
                    + " machines that work its own way. Price classes are drawn: no trace knows them."));
    experiment = ready;
    return ready::run;
  }

  @Override
  long steps() {
    return experiment == null ? 0 : experiment.steps();
  }

  private @Nullable TraceLayout layout() {
    return layout == null
        ? null
        : TraceLayout.named(layout)
            .orElseThrow(
                () ->
                    common.bad(
                        "--layout is '%s': there are %s"
                            .formatted(
                                layout,
                                Arrays.stream(TraceLayout.values())
                                    .map(TraceLayout::key)
                                    .collect(Collectors.joining(", ")))));
  }

  /** An option that a layout makes nothing of would be a wish that is silently not granted. */
  private void refuseWhatIsNotRead(TraceLayout layout) {
    boolean minutely = layout == TraceLayout.AZURE_2019;
    boolean delayed = layout == TraceLayout.HUAWEI_2023;
    refuseUnless(minutely || delayed, "--durations", layout, "azure-2019 and huawei-2023");
    refuseUnless(minutely, "--trace-memory", layout, "azure-2019");
    refuseUnless(delayed, "--delay-unit", layout, "huawei-2023");
  }

  private void refuseUnless(boolean read, String option, TraceLayout layout, String layouts) {
    if (!read && common.isGiven(option)) {
      throw common.bad(
          "%s is for %s, but the trace is %s: leave it out"
              .formatted(option, layouts, layout.key()));
    }
  }

  private @Nullable Path file(String option, @Nullable Path file) {
    if (file != null && (!Files.isReadable(file) || Files.isDirectory(file))) {
      throw common.bad(
          "%s is %s, which %s"
              .formatted(option, file, Files.isDirectory(file) ? "is a folder" : "can't be read"));
    }
    return file;
  }
}
