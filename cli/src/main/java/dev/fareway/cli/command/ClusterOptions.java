package dev.fareway.cli.command;

import dev.fareway.cli.cluster.ConnectionOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster, and as whom: named as kubectl names them. */
final class ClusterOptions {
  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "The kubeconfig file. Default: $$KUBECONFIG, else ~/.kube/config.")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "A context of the kubeconfig. Default: its current one.")
  private @Nullable String context;

  @Option(
      names = "--request-timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "How long to wait for each answer, 1 to 3600. Default: ${DEFAULT-VALUE}.")
  private int timeoutSeconds = 30;

  ConnectionOptions connection() {
    return new ConnectionOptions(
        Optional.ofNullable(kubeconfig),
        Optional.ofNullable(context),
        Duration.ofSeconds(Math.clamp(timeoutSeconds, 1, 3600)));
  }
}
