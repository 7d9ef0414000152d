package dev.fareway.simulator.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code ./fareway simulate}. */
@Command(
    name = "./fareway simulate",
    subcommands = {
      Figure3Command.class,
      Figure4Command.class,
      CompareCommand.class,
      ReplayCommand.class,
      AblateCommand.class,
      ScaleCommand.class,
      CommandLine.HelpCommand.class
    },
    usageHelpWidth = 88,
    synopsisSubcommandLabel = "EXPERIMENT [OPTION...]",
    description = {
      "",
      "Runs the scheduler that Fareway ships against simulated machines: the paper's figures, and"
          + " the systems that it argues against.",
      "",
      "Each experiment leaves a report in a folder: a page that needs nothing else, its charts as"
          + " SVG and PNG, its tables as CSV, and summary.json. The same seed gives the same bytes.",
      "",
    },
    footer = {
      "",
      "EXPERIMENT --help tells of one and its options.",
      "Exit status: 0 done, 1 failed, 2 wrong usage.",
    })
public final class SimulateCommand implements Runnable {
  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  /** Runs an experiment and ends with its exit status. */
  public static void main(String[] args) {
    System.exit(run(writer(System.out), writer(System.err), args));
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, stream.charset());
  }

  /** Runs an experiment; its exit status. */
  static int run(PrintWriter out, PrintWriter errors, String... args) {
    System.setProperty("java.awt.headless", "true");
    return new CommandLine(new SimulateCommand())
        .setOut(out)
        .setErr(errors)
        .setParameterExceptionHandler(
            (wrong, words) -> {
              errors.println("fareway: " + message(wrong));
              errors.printf(
                  "%s --help tells what there is.%n",
                  wrong.getCommandLine().getCommandSpec().qualifiedName());
              return 2;
            })
        .setExecutionExceptionHandler(
            (failure, command, result) -> {
              errors.println("fareway: the experiment failed: " + failure.getMessage());
              failure.printStackTrace(errors);
              return 1;
            })
        .execute(args);
  }

  @Override
  public void run() {
    if (spec != null) {
      throw new ParameterException(
          spec.commandLine(), "name an experiment: " + experiments(spec.commandLine()));
    }
  }

  private static String message(ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    return wrong instanceof UnmatchedArgumentException unmatched
            && command.getCommand() instanceof SimulateCommand
            && !unmatched.getUnmatched().getFirst().startsWith("-")
        ? "there is no experiment '%s': there are %s"
            .formatted(unmatched.getUnmatched().getFirst(), experiments(command))
        : Objects.requireNonNullElse(wrong.getMessage(), wrong.toString());
  }

  private static String experiments(CommandLine command) {
    return command.getSubcommands().keySet().stream()
        .filter(name -> !name.equals("help"))
        .collect(Collectors.joining(", "));
  }
}
