package dev.fareway.e2e.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A kube-scheduler beside an API server of the benchmark's own. */
final class KubeScheduler implements AutoCloseable {
  private final Process process;

  private KubeScheduler(Process process) {
    this.process = process;
  }

  /**
   * Starts one.
   *
   * @param qps how many requests a second it may make of the API server, and twice as many at once;
   *     its own default, 50, says more of that limit than of the scheduler
   */
  static KubeScheduler start(Path program, Path kubeconfig, Path folder, int qps)
      throws IOException {
    Path settings = folder.resolve("kube-scheduler-%d.yaml".formatted(qps));
    Files.writeString(
        settings,
        """
        apiVersion: kubescheduler.config.k8s.io/v1
        kind: KubeSchedulerConfiguration
        clientConnection: {kubeconfig: "%s", qps: %d, burst: %d}
        leaderElection: {leaderElect: false}
        """
            .formatted(kubeconfig, qps, 2 * qps));
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--config=" + settings,
                // No port of its own.
                "--secure-port=0")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("kube-scheduler-%d.log".formatted(qps)).toFile())
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
