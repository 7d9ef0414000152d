package dev.fareway.cli.command;

import dev.fareway.cli.cluster.ClusterReader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that reads a cluster and prints one text. */
abstract class ClusterCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Spec private CommandSpec spec;

  @Mixin private ClusterOptions options;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "This page.")
  private boolean help;

  @SuppressWarnings("NullAway.Init") // picocli sets them
  ClusterCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public final Integer call() {
    try (ClusterReader cluster = surroundings.open().apply(options.connection())) {
      spec.commandLine().getOut().print(print(cluster));
      spec.commandLine().getOut().flush();
      return ExitCodes.OK;
    }
  }

  /** Reads and works out what is printed. */
  abstract String print(ClusterReader cluster);

  final Surroundings surroundings() {
    return surroundings;
  }

  /** Tells the user something beside what is printed. */
  final void note(String sentence) {
    spec.commandLine().getErr().println("Note: " + sentence);
  }
}
