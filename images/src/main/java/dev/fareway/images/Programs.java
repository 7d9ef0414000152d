package dev.fareway.images;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs programs of this machine. */
final class Programs {
  private static final int MINUTES = 10;

  private Programs() {}

  /**
   * Runs one to its end, and gives back what it printed.
   *
   * @throws ImagesException if it can't be started or fails
   */
  static String run(List<String> command) {
    return run(Path.of(""), command);
  }

  /** The same in a folder. */
  static String run(Path folder, List<String> command) {
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .directory(folder.toAbsolutePath().toFile())
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      throw new ImagesException("%s can't be started.".formatted(command.getFirst()), e);
    }
    try {
      process.getOutputStream().close();
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new ImagesException(
            "%s did not end within %d minutes.".formatted(command.getFirst(), MINUTES));
      }
      if (process.exitValue() != 0) {
        throw new ImagesException(
            "%s failed with %d: %s"
                .formatted(command.getFirst(), process.exitValue(), printed.strip()));
      }
      return printed;
    } catch (IOException e) {
      throw new ImagesException("What %s prints can't be read.".formatted(command.getFirst()), e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new ImagesException("Interrupted.", e);
    }
  }

  /**
   * Which package of a Debian-like system a file is of, with its version, such as {@code libc6
   * 2.36-9}; empty where that can't be told.
   */
  static Optional<String> ownerOf(Path file) {
    try {
      // A merged /usr: the package may know the file by either path, or by where its link leads.
      for (String name : List.of(file.toString(), "/usr" + file, file.toRealPath().toString())) {
        Optional<String> owner = packageOf(name);
        if (owner.isPresent()) {
          return owner;
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static Optional<String> packageOf(String file) {
    try {
      String owner = run(List.of("dpkg-query", "-S", file)).lines().findFirst().orElse("");
      String name = owner.replaceFirst(": /.*", "");
      return Optional.of(
          run(List.of("dpkg-query", "-W", "-f", "${Package} ${Version}", name)).strip());
    } catch (ImagesException e) {
      return Optional.empty();
    }
  }
}
