package dev.fareway.e2e.demo;

import dev.fareway.e2e.cluster.ApiServerKind;
import dev.fareway.e2e.cluster.LocalClusterOptions;

/** The demo's command on a cluster with the API server in process. */
final class MockDemo {
  private MockDemo() {}

  public static void main(String[] args) {
    System.exit(
        DemoCommand.commandLine(
                new DemoCommand(
                    (folder, progress) ->
                        LocalDemoCluster.start(
                            LocalClusterOptions.in(folder).withApiServer(ApiServerKind.MOCK),
                            progress),
                    System.out,
                    System.err,
                    false))
            .execute(args));
  }
}
