package dev.fareway.simulator.cli;

import dev.fareway.simulator.experiment.Progress;
import dev.fareway.simulator.report.Figure;
import dev.fareway.simulator.report.Report;
import dev.fareway.simulator.report.ReportWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** An experiment on the command line: runs it, writes its report, prints what it found. */
abstract class ExperimentCommand implements Callable<Integer> {
  /** An experiment that is ready to run. */
  interface Experiment {
    Report run(String command, Progress progress) throws InterruptedException;
  }

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      order = CommonOptions.LAST + 1,
      description = "Show this help.")
  boolean help;

  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public final Integer call() throws InterruptedException {
    if (spec == null) {
      throw new IllegalStateException("made without picocli");
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter errors = spec.commandLine().getErr();
    String name = spec.name();
    Path folder = common.folder(name);
    Experiment experiment = prepare();
    Report report;
    try (var progress = new ProgressLine(name, steps(), errors)) {
      report = experiment.run(command(name), progress);
    }
    Path page;
    try {
      page = ReportWriter.write(report, folder);
    } catch (IOException e) {
      errors.printf("fareway: can't write the report to %s: %s%n", folder, e);
      return 1;
    }
    report.findings().forEach(out::println);
    out.println();
    for (Figure figure : report.figures()) {
      out.printf(Locale.ROOT, "%-48s %14.4f %s%n", figure.name(), figure.value(), figure.unit());
    }
    out.printf("%nReport: %s%n", page);
    out.flush();
    return 0;
  }

  /**
   * The experiment that the options describe.
   *
   * @throws picocli.CommandLine.ParameterException naming the option that is wrong
   */
  abstract Experiment prepare();

  /** How many steps its progress has; called after {@link #prepare}. */
  abstract long steps();

  /** The command line as given, without the folder of the report: that changes nothing in it. */
  private String command(String name) {
    var words = new ArrayList<String>(List.of("./fareway", "simulate"));
    List<String> given =
        spec == null ? List.of() : spec.commandLine().getParseResult().originalArgs();
    boolean skip = false;
    for (String word : given) {
      if (skip) {
        skip = false;
      } else if (word.equals("--report")) {
        skip = true;
      } else if (!word.startsWith("--report=")) {
        words.add(word);
      }
    }
    if (given.isEmpty() || !words.contains(name)) {
      words.add(2, name);
    }
    return String.join(" ", words);
  }
}
