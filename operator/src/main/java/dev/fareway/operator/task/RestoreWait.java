package dev.fareway.operator.task;

import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.PrintStream;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Waits until the DaemonSet that puts back what node daemons left is done on all nodes. A node that
 * can't be reached does not hold the removal up for ever: what was changed there is gone when it
 * boots.
 */
record RestoreWait(String namespace, String daemonSet) implements Task {
  private static final long LIMIT_SECONDS = 150;
  private static final long POLL_MILLIS = 500;

  @Override
  public int run(KubernetesClient client, PrintStream out) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    Progress progress;
    while (true) {
      DaemonSet now = client.apps().daemonSets().inNamespace(namespace).withName(daemonSet).get();
      if (now == null) {
        out.printf("There is no DaemonSet %s/%s%n", namespace, daemonSet);
        return FAILED;
      }
      progress = Progress.of(now);
      if (progress.isDone()) {
        out.printf("%d nodes are as they were%n", progress.ready);
        return DONE;
      }
      if (System.nanoTime() > end) {
        out.printf(
            "%d of %d nodes are as they were; the others did not say so in %d s. What is left there is gone when they boot.%n",
            progress.ready, progress.nodes, LIMIT_SECONDS);
        return DONE;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  /**
   * How far it is.
   *
   * @param seen whether the controller has taken it up
   * @param nodes how many nodes it is for
   * @param ready how many are done
   */
  record Progress(boolean seen, int nodes, int ready) {
    static Progress of(DaemonSet set) {
      DaemonSetStatus status = set.getStatus();
      boolean seen =
          status != null
              && status.getObservedGeneration() != null
              && Objects.equals(status.getObservedGeneration(), set.getMetadata().getGeneration());
      return new Progress(
          seen,
          status == null ? 0 : number(status.getDesiredNumberScheduled()),
          status == null ? 0 : number(status.getNumberReady()));
    }

    boolean isDone() {
      return seen && ready >= nodes;
    }

    private static int number(Integer value) {
      return Objects.requireNonNullElse(value, 0);
    }
  }
}
