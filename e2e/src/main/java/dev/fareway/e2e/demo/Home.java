package dev.fareway.e2e.demo;

import java.nio.file.Path;

/** The project's folder: what {@code fareway.home} says, else the folder above the e2e module. */
final class Home {
  private Home() {}

  static Path folder() {
    String home = System.getProperty("fareway.home");
    if (home != null) {
      return Path.of(home).toAbsolutePath();
    }
    Path here = Path.of("").toAbsolutePath();
    return here.endsWith("e2e") ? here.resolveSibling("") : here;
  }
}
