package dev.fareway.cli.command;

import dev.fareway.cli.cluster.ClusterFailure;
import dev.fareway.cli.cluster.ClusterReader;
import dev.fareway.cli.cluster.ConnectionOptions;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.Objects;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kubectl fareway}: the command above all others. */
@Command(
    name = "kubectl fareway",
    versionProvider = KubectlFareway.Version.class,
    header = "What functions cost, where they run and why.",
    description = {
      "",
      "Reads what Fareway's parts have written into the cluster; changes nothing.",
      ""
    },
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done",
      "1:failed in a way that no other status tells",
      "2:wrong usage",
      "3:no kubeconfig, no such context, or the API server can't be reached",
      "4:the API server does not know you, or does not allow it",
      "5:there is no such pod, or Fareway is not installed in the cluster"
    },
    footer = {"", "kubectl fareway COMMAND --help tells more of each."})
public final class KubectlFareway implements Runnable {
  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "This page.")
  private boolean help;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "The version.")
  private boolean version;

  private KubectlFareway() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }

  /**
   * All commands, ready to execute.
   *
   * @param open opens a cluster
   * @param clock tells which month it is, and how long ago something was
   */
  public static CommandLine commandLine(
      Function<ConnectionOptions, ? extends ClusterReader> open,
      Clock clock,
      PrintWriter out,
      PrintWriter err) {
    var surroundings = new Surroundings(open, clock);
    var commands =
        new CommandLine(new KubectlFareway())
            .addSubcommand(new TopCommand(surroundings))
            .addSubcommand(new ExplainCommand(surroundings))
            .addSubcommand(new NodesCommand(surroundings))
            .addSubcommand(new BillCommand(surroundings))
            .addSubcommand(new CompletionCommand())
            .addSubcommand(new CandidatesCommand());
    commands
        .setOut(out)
        .setErr(err)
        .setUsageHelpWidth(100)
        .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
        .setParameterExceptionHandler(KubectlFareway::misused)
        .setExecutionExceptionHandler(KubectlFareway::failed);
    // What follows is somebody's half-written command line, not ours.
    Objects.requireNonNull(commands.getSubcommands().get("__complete"))
        .setUnmatchedOptionsArePositionalParams(true)
        .setStopAtPositional(true);
    return commands;
  }

  private static int misused(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    command.getErr().println("error: " + failure.getMessage());
    command
        .getErr()
        .println("See '%s --help'.".formatted(command.getCommandSpec().qualifiedName()));
    return ExitCodes.USAGE;
  }

  private static int failed(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    if (failure instanceof ClusterFailure cluster) {
      command.getErr().println("error: " + cluster.sentence());
      return ExitCodes.of(cluster.kind());
    }
    if (failure instanceof ArithmeticException) {
      command
          .getErr()
          .println(
              "error: An amount of money is more than can be told (9.2 billion units): "
                  + failure.getMessage());
      return ExitCodes.FAILED;
    }
    command.getErr().println("error: This should not happen: " + failure);
    failure.printStackTrace(command.getErr());
    return ExitCodes.FAILED;
  }

  /** The version of the package. */
  static final class Version implements IVersionProvider {
    Version() {}

    @Override
    public String[] getVersion() {
      String version = KubectlFareway.class.getPackage().getImplementationVersion();
      return new String[] {version == null ? "not packaged" : version};
    }
  }
}
