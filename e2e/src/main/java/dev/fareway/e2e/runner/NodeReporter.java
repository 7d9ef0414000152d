package dev.fareway.e2e.runner;

import com.sun.management.OperatingSystemMXBean;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registers this machine as a node, and says again and again that it is ready. */
final class NodeReporter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NodeReporter.class);
  private static final int CONFLICT = 409;
  private static final int ATTEMPTS = 10;
  private static final String NOT_READY = "node.kubernetes.io/not-ready";
  private static final int MOST_PODS = 110;

  private final KubernetesClient client;
  private final String name;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("node heartbeat").factory());

  private NodeReporter(KubernetesClient client, String name) {
    this.client = client;
    this.name = name;
  }

  static NodeReporter start(KubernetesClient client, String name, Duration heartbeat) {
    var reporter = new NodeReporter(client, name);
    reporter.register();
    reporter.report(true);
    var _ =
        reporter.timer.scheduleWithFixedDelay(
            reporter::beat, heartbeat.toMillis(), heartbeat.toMillis(), TimeUnit.MILLISECONDS);
    return reporter;
  }

  private void register() {
    Node node =
        new NodeBuilder()
            .withNewMetadata()
            .withName(name)
            .withLabels(
                Map.of(
                    "kubernetes.io/hostname",
                    name,
                    "kubernetes.io/os",
                    "linux",
                    "kubernetes.io/arch",
                    architecture()))
            .endMetadata()
            .withNewSpec()
            .endSpec()
            .build();
    try {
      client.resource(node).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != CONFLICT) {
        throw e;
      }
      // It was here before.
    }
  }

  private void beat() {
    try {
      report(true);
    } catch (RuntimeException e) {
      LOG.warn("Node {} can't say that it is ready: {}", name, e.getMessage());
    }
  }

  /** Leaves the conditions of others as they are. */
  private void report(boolean ready) {
    for (int attempt = 1; ; attempt++) {
      Node node = client.nodes().withName(name).get();
      if (node == null) {
        register();
        continue;
      }
      try {
        Node now = client.resource(withStatus(node, ready, Instant.now())).updateStatus();
        if (ready) {
          admitPods(now);
        }
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() != CONFLICT || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /**
   * Takes off the taint that the API server gives every new node: in the node lifecycle
   * controller's place.
   */
  private void admitPods(Node node) {
    if (node.getSpec() != null
        && node.getSpec().getTaints().stream()
            .anyMatch(taint -> NOT_READY.equals(taint.getKey()))) {
      client
          .resource(
              new NodeBuilder(node)
                  .editSpec()
                  .removeMatchingFromTaints(taint -> NOT_READY.equals(taint.getKey()))
                  .endSpec()
                  .build())
          .update();
    }
  }

  private static Node withStatus(Node node, boolean ready, Instant now) {
    List<NodeCondition> conditions = new ArrayList<>();
    String status = ready ? "True" : "False";
    String since = PodStatuses.text(now);
    List<NodeCondition> before =
        node.getStatus() == null ? List.of() : node.getStatus().getConditions();
    for (NodeCondition condition : before) {
      if (!condition.getType().equals("Ready")) {
        conditions.add(condition);
      } else if (condition.getStatus().equals(status)) {
        since = condition.getLastTransitionTime();
      }
    }
    conditions.add(
        new NodeConditionBuilder()
            .withType("Ready")
            .withStatus(status)
            .withReason(ready ? "ProcessRunnerReady" : "ProcessRunnerStopped")
            .withMessage(ready ? "the process runner takes pods" : "the process runner was stopped")
            .withLastHeartbeatTime(PodStatuses.text(now))
            .withLastTransitionTime(since)
            .build());
    Map<String, Quantity> resources = resources();
    return new NodeBuilder(node)
        .editOrNewStatus()
        .withConditions(conditions)
        .withCapacity(resources)
        .withAllocatable(resources)
        .withAddresses(
            new NodeAddress(PodStatuses.ADDRESS, "InternalIP"),
            new NodeAddress(node.getMetadata().getName(), "Hostname"))
        .endStatus()
        .build();
  }

  private static Map<String, Quantity> resources() {
    long bytes =
        ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
            ? system.getTotalMemorySize()
            : Runtime.getRuntime().maxMemory();
    return Map.of(
        "cpu", new Quantity(String.valueOf(Runtime.getRuntime().availableProcessors())),
        "memory", new Quantity(bytes / 1024 + "Ki"),
        "pods", new Quantity(String.valueOf(MOST_PODS)));
  }

  private static String architecture() {
    String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return name.equals("aarch64") ? "arm64" : name;
  }

  /** Says that the node takes no pods any more. */
  @Override
  public void close() {
    timer.shutdownNow();
    try {
      report(false);
    } catch (RuntimeException e) {
      LOG.debug("Node {} can't say that it stopped: {}", name, e.getMessage());
    }
  }
}
