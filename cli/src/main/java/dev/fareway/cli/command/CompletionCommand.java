package dev.fareway.cli.command;

import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    header = "Prints a script that completes kubectl-fareway in a shell.",
    description = {
      "",
      "kubectl itself completes its plugins by the program kubectl_complete-fareway, which lies beside"
          + " kubectl-fareway: with both on the PATH and kubectl's own completion on, kubectl fareway completes"
          + " without this.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  source <(kubectl-fareway completion bash)",
      "  source <(kubectl-fareway completion zsh)",
      "  kubectl-fareway completion fish | source"
    })
final class CompletionCommand implements Callable<Integer> {
  private enum Shell {
    bash,
    zsh,
    fish
  }

  private static final String PROGRAM = "kubectl-fareway";

  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  private Shell shell;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "This page.")
  private boolean help;

  CompletionCommand() {}

  @Override
  public Integer call() {
    CommandLine root = Objects.requireNonNull(spec.parent()).commandLine();
    spec.commandLine()
        .getOut()
        .print(
            switch (shell) {
              // The script makes itself at home in zsh.
              case bash, zsh -> AutoComplete.bash(PROGRAM, root);
              case fish -> fish(root);
            });
    spec.commandLine().getOut().flush();
    return ExitCodes.OK;
  }

  private static String fish(CommandLine root) {
    var script = new StringBuilder("complete -c %s -f%n".formatted(PROGRAM));
    root.getSubcommands()
        .forEach(
            (name, command) -> {
              script.append(
                  "complete -c %s -n __fish_use_subcommand -a %s -d %s%n"
                      .formatted(PROGRAM, name, quoted(header(command))));
              for (OptionSpec option : command.getCommandSpec().options()) {
                script.append(fish(name, option));
              }
            });
    return script.toString();
  }

  private static String fish(String command, OptionSpec option) {
    var line =
        new StringBuilder(
            "complete -c %s -n '__fish_seen_subcommand_from %s'".formatted(PROGRAM, command));
    for (String name : option.names()) {
      line.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    if (option.arity().max() > 0) {
      line.append(" -r");
      if (option.completionCandidates() != null) {
        var values = new StringBuilder();
        option.completionCandidates().forEach(value -> values.append(value).append(' '));
        line.append(" -a ").append(quoted(values.toString().strip()));
      } else if (option.paramLabel().equals("FILE")) {
        line.append(" -F");
      }
    }
    String[] description = option.description();
    return line
        + (description.length == 0 ? "" : " -d " + quoted(description[0].replace("$$", "$")))
        + System.lineSeparator();
  }

  private static String header(CommandLine command) {
    String[] header = command.getCommandSpec().usageMessage().header();
    return header.length == 0 ? "" : header[0];
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
