package dev.fareway.e2e.demo;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fareway.e2e.cluster.LocalClusterOptions;
import dev.fareway.e2e.load.RealtimePriority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What tests of the demo need; where it is missing they are aborted, and say so. */
final class Prerequisites {
  private static final List<String> PACKAGES =
      List.of(
          "operator/target/quarkus-app/quarkus-run.jar",
          "node-daemon/target/app/fareway-node-daemon.jar");

  private Prerequisites() {}

  static void assumeRealTime() {
    assumeTrue(
        RealtimePriority.probe().isEmpty(),
        () -> "needs the right to set real-time priorities: " + RealtimePriority.probe());
  }

  static void assumePackages() {
    Path home = LocalClusterOptions.in(Path.of("")).home();
    for (String part : PACKAGES) {
      assumeTrue(
          Files.exists(home.resolve(part)),
          () -> "needs the package %s in %s: ./fareway build".formatted(part, home));
    }
  }
}
