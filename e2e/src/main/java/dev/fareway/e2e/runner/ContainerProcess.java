package dev.fareway.e2e.runner;

import dev.fareway.e2e.process.OwnSession;
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

  private static final Duration ENTER_BOUND = Duration.ofSeconds(10);
  private static final Duration ENTER_POLL = Duration.ofMillis(1);

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
        new ProcessBuilder(OwnSession.command(words))
            .directory(workingFolder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().clear();
    builder.environment().putAll(variables);
    Process process = builder.start();
    process.getOutputStream().close();
    var started = new ContainerProcess(process, cgroup);
    started.awaitCgroup();
    return started;
  }

  /**
   * A container counts as running from when it is in its cgroup, as it does to who meters it or
   * sets its priority there.
   */
  private void awaitCgroup() throws IOException {
    if (cgroup.isEmpty()) {
      return;
    }
    Path processes = CgroupTree.processes(cgroup.get());
    String pid = String.valueOf(process.pid());
    long end = System.nanoTime() + ENTER_BOUND.toNanos();
    try {
      while (process.isAlive() && !Files.readAllLines(processes).contains(pid)) {
        if (System.nanoTime() > end) {
          throw new IOException("process %s did not enter %s".formatted(pid, cgroup.get()));
        }
        TimeUnit.NANOSECONDS.sleep(ENTER_POLL.toNanos());
      }
    } catch (IOException e) {
      process.destroyForcibly();
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The worker ends, and stops this process too.
    }
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
