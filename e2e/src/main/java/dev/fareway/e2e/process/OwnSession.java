package dev.fareway.e2e.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Commands that run in a session of their own, so that Ctrl-C reaches only the program that started
 * them.
 *
 * <p>A terminal interrupts every process of its foreground group at once. What we start has to end
 * in an order (the node daemon while there is an API server, the API server before its store), so
 * the order to end is ours to give.
 */
public final class OwnSession {

  private static final Optional<Path> SETSID =
      Stream.of("/usr/bin/setsid", "/bin/setsid")
          .map(Path::of)
          .filter(Files::isExecutable)
          .findFirst();

  private OwnSession() {}

  /**
   * The command with what puts it in a session of its own before it: {@code setsid} of util-linux,
   * which keeps the process id. Unchanged where that program is missing.
   */
  public static List<String> command(List<String> command) {
    return SETSID
        .map(setsid -> Stream.concat(Stream.of(setsid.toString()), command.stream()).toList())
        .orElse(command);
  }
}
