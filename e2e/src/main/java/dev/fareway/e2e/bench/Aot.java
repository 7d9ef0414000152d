package dev.fareway.e2e.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The ahead-of-time cache that {@code ./fareway build} makes beside the node daemon. */
final class Aot {
  private Aot() {}

  /** The flags to start with it; none where there is none. */
  static List<String> flags() {
    Path cache =
        Path.of(System.getProperty("fareway.home", "."))
            .toAbsolutePath()
            .resolve("node-daemon/target/app/fareway-node-daemon.aot");
    return Files.exists(cache) ? List.of("-XX:AOTCache=" + cache) : List.of();
  }
}
