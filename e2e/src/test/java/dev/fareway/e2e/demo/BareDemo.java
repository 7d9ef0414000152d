package dev.fareway.e2e.demo;

/** The demo's command on a bare cluster, for tests that need it as a process. */
final class BareDemo {
  private BareDemo() {}

  public static void main(String[] args) {
    System.exit(
        DemoCommand.commandLine(
                new DemoCommand(
                    (folder, progress) -> new BareCluster(), System.out, System.err, false))
            .execute(args));
  }
}
