package dev.fareway.e2e.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A kube-scheduler with its defaults, beside an API server of the benchmark's own. */
final class KubeScheduler implements AutoCloseable {
  private final Process process;

  private KubeScheduler(Process process) {
    this.process = process;
  }

  static KubeScheduler start(Path program, Path kubeconfig, Path logFolder) throws IOException {
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--kubeconfig=" + kubeconfig,
                "--leader-elect=false",
                // No port of its own.
                "--secure-port=0")
            .redirectErrorStream(true)
            .redirectOutput(logFolder.resolve("kube-scheduler.log").toFile())
            .start();
    return new KubeScheduler(process);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
