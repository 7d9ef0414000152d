package dev.fareway.e2e.kind;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs programs of this machine, each with a bound; what they print goes to a log. */
final class Tools {
  private final Path log;
  private final String path;
  private final Map<String, String> environment;

  /**
   * Tools.
   *
   * @param log that what they print is added to
   * @param path where they are looked for, folders separated by colons
   * @param environment added to this process' own
   */
  Tools(Path log, String path, Map<String, String> environment) {
    this.log = log;
    this.path = path;
    this.environment = Map.copyOf(environment);
  }

  /** Where a program is; empty if it is nowhere. */
  Optional<Path> find(String program) {
    for (String folder : path.split(":", -1)) {
      Path file = Path.of(folder.isEmpty() ? "." : folder).resolve(program);
      if (Files.isRegularFile(file) && Files.isExecutable(file)) {
        return Optional.of(file.toAbsolutePath());
      }
    }
    return Optional.empty();
  }

  /**
   * Runs one to its end.
   *
   * @return what it printed
   * @throws ToolException with the end of what it printed, if it fails, takes longer or is not
   *     there
   */
  String run(Duration limit, String program, String... arguments) throws InterruptedException {
    return run(limit, Optional.empty(), program, arguments);
  }

  /** The same in a folder. */
  String run(Duration limit, Optional<Path> folder, String program, String... arguments)
      throws InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(
        program.contains("/")
            ? program
            : find(program)
                .orElseThrow(() -> new ToolException("there is no program " + program + " here"))
                .toString());
    command.addAll(List.of(arguments));
    String said = String.join(" ", command);
    try {
      Path output = Files.createTempFile("fareway-", ".out");
      try {
        append("$ " + said + "\n");
        ProcessBuilder builder =
            new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        folder.ifPresent(of -> builder.directory(of.toFile()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        try {
          boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
          String printed = Files.readString(output, StandardCharsets.UTF_8);
          append(printed);
          if (!ended) {
            throw new ToolException(
                "'%s' took longer than %d s".formatted(said, limit.toSeconds()));
          }
          if (process.exitValue() != 0) {
            throw new ToolException(
                "'%s' failed with status %d: %s"
                    .formatted(said, process.exitValue(), end(printed)));
          }
          return printed;
        } finally {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
        }
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      throw new ToolException("'%s' can't be run: %s".formatted(said, e.getMessage()), e);
    }
  }

  private void append(String text) throws IOException {
    Files.writeString(
        log,
        text,
        java.nio.file.StandardOpenOption.CREATE,
        java.nio.file.StandardOpenOption.APPEND);
  }

  private static String end(String printed) {
    List<String> lines = printed.lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
  }
}
