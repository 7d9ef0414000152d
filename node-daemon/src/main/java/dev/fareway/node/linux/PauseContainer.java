package dev.fareway.node.linux;

import dev.fareway.node.core.FunctionPod;
import java.io.IOException;
import java.nio.file.Path;

/** Tells a pod's pause container from the others. */
final class PauseContainer {
  private PauseContainer() {}

  /**
   * The pause container holds the pod's namespaces and does nothing: one process by that name, and
   * none of the containers that the kubelet tells of.
   */
  static boolean is(FunctionPod pod, Path container) throws IOException {
    return is(pod, container, PodCgroups.threads(container));
  }

  /**
   * The same.
   *
   * @param threads those in the container
   */
  static boolean is(FunctionPod pod, Path container, int[] threads) {
    // That of one thread is the process.
    if (threads.length != 1 || !"pause".equals(Processes.name(threads[0]))) {
      return false;
    }
    return PodCgroups.containerId(container).filter(pod.containerNames()::containsKey).isEmpty();
  }
}
