package dev.fareway.e2e.demo;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Shows a page in the user's browser, where there is a display to show it on. */
final class Browser {
  private static final Logger LOG = Logger.getLogger(Browser.class.getName());

  private Browser() {}

  /** The command that opens a page; none where there is no display. */
  static List<String> command(URI page, Map<String, String> environment) {
    boolean display =
        !environment.getOrDefault("DISPLAY", "").isEmpty()
            || !environment.getOrDefault("WAYLAND_DISPLAY", "").isEmpty();
    return display ? List.of("xdg-open", page.toString()) : List.of();
  }

  /** Opens it if that goes; nobody misses it who reads the address. */
  static void open(URI page, Map<String, String> environment) {
    List<String> command = command(page, environment);
    if (command.isEmpty()) {
      return;
    }
    try {
      var _ =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      LOG.log(Level.FINE, "no browser", e);
    }
  }
}
