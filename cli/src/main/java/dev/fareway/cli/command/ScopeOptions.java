package dev.fareway.cli.command;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which namespaces, as kubectl chooses them. */
final class ScopeOptions {
  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "The namespace. Default: the one that the context names.")
  private @Nullable String namespace;

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "All namespaces.")
  private boolean all;

  /** The only namespace that counts; empty: all. */
  Optional<String> namespace(String ofContext) {
    return all ? Optional.empty() : Optional.of(namespace == null ? ofContext : namespace);
  }
}
