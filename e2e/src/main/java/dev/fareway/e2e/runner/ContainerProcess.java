package dev.fareway.e2e.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The process of one run of a container, in a cgroup of its own where there are cgroups. */
final class ContainerProcess {

  /** It enters its cgroup before anything of the user's runs. */
  private static final String ENTER = "echo $$ > \"$0\" || exit 125; exec \"$@\"";

  private final Process process;
  private final Optional<Path> cgroup;

  private ContainerProcess(Process process, Optional<Path> cgroup) {
    this.process = process;
    this.cgroup = cgroup;
  }

  /**
   * Starts it.
   *
   * @param log what it prints is appended to
   * @throws IOException if it can't be started
   */
  static ContainerProcess start(
      List<String> command,
      Map<String, String> variables,
      Path workingFolder,
      Optional<Path> cgroup,
      Path log)
      throws IOException {
    List<String> words = new ArrayList<>();
    cgroup.ifPresent(
        directory ->
            words.addAll(
                List.of("/bin/sh", "-c", ENTER, CgroupTree.processes(directory).toString())));
    words.addAll(command);
    Path parent = log.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(workingFolder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().clear();
    builder.environment().putAll(variables);
    Process process = builder.start();
    process.getOutputStream().close();
    return new ContainerProcess(process, cgroup);
  }

  long pid() {
    return process.pid();
  }

  CompletableFuture<Integer> onExit() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /** Asks it to end; what has not after the grace period is ended. */
  void stop(Duration grace) {
    List<ProcessHandle> all = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    all.forEach(ProcessHandle::destroyForcibly);
    cleanUp();
    process.onExit().join();
  }

  /** Ends what the process left behind, and removes its cgroup. */
  void cleanUp() {
    cgroup.ifPresent(
        directory -> {
          try {
            CgroupTree.remove(directory);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(directory + " can't be removed", e);
          }
        });
  }
}
