package dev.fareway.e2e.runner;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node on this machine, in the kubelet's place: pods bound to it are started as local processes.
 *
 * <p>It registers the node and keeps it ready, starts each container's command in a cgroup of its
 * own where this machine allows that, reports the pods' status, starts again what ended as the
 * pod's restart policy says, and ends pods that are deleted. It pulls no images, runs no probes and
 * mounts no volumes: a container is its command, with its arguments, environment and working
 * folder, and it is ready while it runs. All pods have the address 127.0.0.1.
 */
public final class ProcessRunner implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ProcessRunner.class);
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(2);
  private static final Duration CLOSE_BOUND = Duration.ofSeconds(15);

  private final KubernetesClient client;
  private final ProcessRunnerOptions options;
  private final Optional<CgroupTree> cgroups;
  private final Optional<String> obstacle;
  private final Map<String, PodWorker> workers = new ConcurrentHashMap<>();
  private final NodeReporter node;
  private final SharedIndexInformer<Pod> pods;
  private boolean closed;

  private ProcessRunner(
      KubernetesClient client, ProcessRunnerOptions options, CgroupTree.Opened opened) {
    this.client = client;
    this.options = options;
    switch (opened) {
      case CgroupTree.Opened.Tree found -> {
        this.cgroups = Optional.of(found.tree());
        this.obstacle = Optional.empty();
      }
      case CgroupTree.Opened.Unavailable unavailable -> {
        this.cgroups = Optional.empty();
        this.obstacle = Optional.of(unavailable.reason());
        LOG.warn("Pods run without cgroups of their own: {}", unavailable.reason());
      }
    }
    this.node = NodeReporter.start(client, options.nodeName(), options.heartbeat());
    this.pods =
        client
            .pods()
            .inAnyNamespace()
            .withField("spec.nodeName", options.nodeName())
            .inform(new Handler());
  }

  /**
   * Starts it; when this returns, the node is registered and ready.
   *
   * @param client stays the caller's; must outlive the runner
   */
  public static ProcessRunner start(KubernetesClient client, ProcessRunnerOptions options) {
    String name = "fareway-%d-%s".formatted(ProcessHandle.current().pid(), options.nodeName());
    List<Path> parents = options.cgroupParent().map(List::of).orElseGet(CgroupTree::candidates);
    CgroupTree.Opened opened = CgroupTree.open(parents, name);
    try {
      return new ProcessRunner(client, options, opened);
    } catch (RuntimeException e) {
      if (opened instanceof CgroupTree.Opened.Tree found) {
        remove(found.tree());
      }
      throw e;
    }
  }

  /** The node that it is. */
  public String nodeName() {
    return options.nodeName();
  }

  /** The directory that holds {@code kubepods.slice}; empty if pods run without cgroups. */
  public Optional<Path> cgroupRoot() {
    return cgroups.map(CgroupTree::root);
  }

  /** Why pods run without cgroups of their own; empty if they have them. */
  public Optional<String> cgroupObstacle() {
    return obstacle;
  }

  /** The file with what a container of the pod printed, over all its runs. */
  public Path log(Pod pod, String container) {
    return PodWorker.log(options.logFolder(), pod, container);
  }

  /** The id of the process of each container of the pod that runs now. */
  public Map<String, Long> processes(Pod pod) {
    PodWorker worker = workers.get(pod.getMetadata().getUid());
    return worker == null ? Map.of() : worker.pids();
  }

  private final class Handler implements ResourceEventHandler<Pod> {
    @Override
    public void onAdd(Pod pod) {
      PodWorker known = workers.get(pod.getMetadata().getUid());
      if (known != null) {
        known.changed(pod);
      } else if (pod.getStatus() == null || !PodStatuses.isOver(pod.getStatus().getPhase())) {
        begin(pod);
      }
    }

    @Override
    public void onUpdate(Pod before, Pod pod) {
      String uid = pod.getMetadata().getUid();
      if (!before.getMetadata().getUid().equals(uid)) {
        onDelete(before, false);
      }
      onAdd(pod);
    }

    @Override
    public void onDelete(Pod pod, boolean finalStateUnknown) {
      PodWorker worker = workers.get(pod.getMetadata().getUid());
      if (worker != null) {
        worker.end(CLOSE_GRACE);
      }
    }
  }

  private synchronized void begin(Pod pod) {
    if (!closed) {
      String uid = pod.getMetadata().getUid();
      var worker = new PodWorker(client, options, cgroups, pod, () -> workers.remove(uid));
      workers.put(uid, worker);
      worker.start();
    }
  }

  /** Ends all pods' processes and removes their cgroups; the pods' objects stay as they are. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    pods.close();
    List<PodWorker> last = List.copyOf(workers.values());
    last.forEach(worker -> worker.end(CLOSE_GRACE));
    try {
      for (PodWorker worker : last) {
        worker.waitEnded(CLOSE_BOUND);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    node.close();
    cgroups.ifPresent(ProcessRunner::remove);
  }

  private static void remove(CgroupTree tree) {
    try {
      tree.close();
    } catch (IOException e) {
      LOG.warn("{} can't be removed: {}", tree.root(), e.toString());
    }
  }
}
