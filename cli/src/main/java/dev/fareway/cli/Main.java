package dev.fareway.cli;

import dev.fareway.cli.cluster.KubernetesCluster;
import dev.fareway.cli.command.KubectlFareway;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;

/** The program {@code kubectl-fareway}. */
public final class Main {
  private Main() {}

  /** Runs one command and ends with its exit code. */
  public static void main(String[] arguments) {
    var out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code =
        KubectlFareway.commandLine(KubernetesCluster::open, Clock.systemUTC(), out, err)
            .execute(arguments);
    out.flush();
    err.flush();
    // An HTTP client's threads would keep the process for as long as it keeps connections.
    System.exit(code);
  }
}
