package dev.fareway.e2e.demo;

import dev.fareway.e2e.cluster.LocalCluster;
import dev.fareway.e2e.cluster.LocalClusterException;
import dev.fareway.e2e.cluster.LocalClusterOptions;
import dev.fareway.e2e.cluster.NodeDaemonMode;
import dev.fareway.e2e.report.Enforcement;
import dev.fareway.e2e.runner.ProcessRunner;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The demo's cluster on this machine: one node, with the operator and the node daemon. */
final class LocalDemoCluster implements DemoCluster {
  private static final String NODE = "local";
  private static final String NAMESPACE = "default";
  private static final String CONDITION = "FarewayEnforcement";
  private static final int ATTEMPTS = 10;
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(100);

  private final LocalCluster cluster;
  private final ProcessRunner node;
  private NodeDaemonMode mode = NodeDaemonMode.AUTO;
  private List<Instance> instances = List.of();

  private LocalDemoCluster(LocalCluster cluster, ProcessRunner node) {
    this.cluster = cluster;
    this.node = node;
  }

  /**
   * Starts it.
   *
   * @throws DemoFailure if it does not come up
   */
  static DemoCluster start(LocalClusterOptions options, Progress progress) {
    progress.say("Starting the API server, the operator, a node and its node daemon");
    try {
      LocalCluster cluster = LocalCluster.start(options);
      try {
        cluster.startOperator();
        ProcessRunner node = cluster.startNode(NODE);
        node.cgroupObstacle()
            .ifPresent(
                why -> {
                  throw new DemoFailure(
                      "Fareway can't tell functions apart on this machine: " + why + ".");
                });
        LocalDemoCluster demo = new LocalDemoCluster(cluster, node);
        cluster.startNodeDaemon(NODE, demo.mode, false);
        return demo;
      } catch (RuntimeException e) {
        cluster.close();
        throw e;
      }
    } catch (LocalClusterException e) {
      throw failure(e);
    }
  }

  @Override
  public String apiServer() {
    return cluster.apiServer();
  }

  @Override
  public List<Instance> deploy(List<DemoFunction> functions)
      throws IOException, InterruptedException {
    instances = new FunctionPods(cluster.client(), NAMESPACE).deploy(functions);
    return instances;
  }

  @Override
  public Enforcement enforce(boolean on) throws IOException, InterruptedException {
    NodeDaemonMode wanted = on ? NodeDaemonMode.AUTO : NodeDaemonMode.OFF;
    if (mode != wanted) {
      restart(wanted);
    }
    Enforcement said = awaitCondition();
    awaitThreads(said.mode().equals("RealTime"));
    return said;
  }

  private void restart(NodeDaemonMode wanted) {
    try {
      cluster.stopNodeDaemon();
      removeCondition();
      cluster.startNodeDaemon(NODE, wanted, false);
      mode = wanted;
    } catch (LocalClusterException e) {
      throw failure(e);
    }
  }

  @Override
  public Optional<URI> activator(String function) throws IOException, InterruptedException {
    for (Instance instance : instances) {
      if (instance.placement().function().equals(function)) {
        var pod =
            Objects.requireNonNull(
                cluster
                    .client()
                    .pods()
                    .inNamespace(NAMESPACE)
                    .withName(instance.placement().pod())
                    .get());
        cluster.serve(pod, function, instance.uri().getPort());
      }
    }
    try {
      cluster.startActivator(List.of(), List.of("--operator=" + cluster.dispatcherAddress()));
    } catch (LocalClusterException e) {
      throw failure(e);
    }
    return cluster.activatorAddress();
  }

  @Override
  public Optional<URI> console() {
    return Optional.of(cluster.console());
  }

  @Override
  public List<String> howToLook() {
    return List.of(
        "Look into the cluster:  kubectl --kubeconfig "
            + cluster.kubeconfig()
            + " get fareway,pods",
        "The console:            " + cluster.console(),
        "The operator's metrics: " + cluster.operatorAddress().resolve("/q/metrics"),
        "Logs:                   " + cluster.operatorLog().getParent());
  }

  @Override
  public void close() {
    cluster.close();
  }

  /**
   * What the node daemon before has said must not be taken for what this one says. The node reports
   * itself ready now and then: where that came between, it is tried again.
   */
  private void removeCondition() {
    for (int attempt = 1; ; attempt++) {
      try {
        cluster
            .client()
            .nodes()
            .withName(NODE)
            .editStatus(
                current -> {
                  current
                      .getStatus()
                      .getConditions()
                      .removeIf(condition -> CONDITION.equals(condition.getType()));
                  return current;
                });
        return;
      } catch (KubernetesClientException e) {
        if (attempt == ATTEMPTS) {
          throw new DemoFailure(
              "the condition %s of node %s can't be taken back: %s"
                  .formatted(CONDITION, NODE, e.getMessage()));
        }
      }
    }
  }

  private Enforcement awaitCondition() throws InterruptedException {
    long end = System.nanoTime() + BOUND.toNanos();
    while (true) {
      Optional<Enforcement> said = condition();
      if (said.isPresent()) {
        return said.get();
      }
      if (System.nanoTime() > end) {
        throw new DemoFailure(
            "the node daemon has not said within %d seconds what is in force."
                .formatted(BOUND.toSeconds()));
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  private Optional<Enforcement> condition() {
    Node current = Objects.requireNonNull(cluster.client().nodes().withName(NODE).get());
    return current.getStatus().getConditions().stream()
        .filter(condition -> CONDITION.equals(condition.getType()))
        .map(LocalDemoCluster::enforcement)
        .findFirst();
  }

  private static Enforcement enforcement(NodeCondition condition) {
    return new Enforcement(
        condition.getReason(), Objects.requireNonNullElse(condition.getMessage(), ""));
  }

  /** What the node daemon says must be what the kernel says, before anything is measured. */
  private void awaitThreads(boolean realTime) throws IOException, InterruptedException {
    long end = System.nanoTime() + BOUND.toNanos();
    while (!threadsAre(realTime)) {
      if (System.nanoTime() > end) {
        throw new DemoFailure(
            "%d seconds after the node daemon started, the functions' threads are not yet %s."
                .formatted(BOUND.toSeconds(), realTime ? "under SCHED_FIFO" : "back to normal"));
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  /**
   * Whether all threads of the dearest function are under {@code SCHED_FIFO} and none of the
   * cheapest, or none at all.
   */
  private boolean threadsAre(boolean realTime) throws IOException {
    if (instances.isEmpty()) {
      return true;
    }
    ThreadPolicies.Counts dearest = threads(instances.getFirst());
    ThreadPolicies.Counts cheapest = threads(instances.getLast());
    return cheapest.realTime() == 0
        && (realTime ? dearest.realTime() > 0 && dearest.other() == 0 : dearest.realTime() == 0);
  }

  private ThreadPolicies.Counts threads(Instance instance) throws IOException {
    int realTime = 0;
    int other = 0;
    var pod =
        cluster.client().pods().inNamespace(NAMESPACE).withName(instance.placement().pod()).get();
    for (long process : node.processes(Objects.requireNonNull(pod)).values()) {
      ThreadPolicies.Counts counts = ThreadPolicies.of(process);
      realTime += counts.realTime();
      other += counts.other();
    }
    return new ThreadPolicies.Counts(realTime, other);
  }

  private static DemoFailure failure(LocalClusterException e) {
    return new DemoFailure(Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
  }
}
