package dev.fareway.e2e.suite;

import static org.junit.jupiter.api.Assertions.fail;

import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A cluster with containers that a kubeconfig leads to; the chart comes from the work tree. */
final class KubeconfigCluster implements SuiteCluster {
  private static final Path CHART = Path.of("../helm/fareway").toAbsolutePath().normalize();
  private static final String RELEASE = "fareway";
  private static final String PROBES = "fareway-e2e-probes";
  private static final int HELM_SECONDS = 600;

  private final Path kubeconfig;
  private final KubernetesClient client;
  private final String image;
  private final Map<String, String> values;
  private final AtomicInteger probes = new AtomicInteger();
  private boolean installed;

  private KubeconfigCluster(
      Path kubeconfig, KubernetesClient client, String image, Map<String, String> values) {
    this.kubeconfig = kubeconfig;
    this.client = client;
    this.image = image;
    this.values = values;
  }

  /**
   * Installs the chart and waits until it runs.
   *
   * @param image of functions and probes, with a shell, awk and nsenter, such as busybox
   * @param values {@code name=value} separated by commas
   */
  static KubeconfigCluster install(Path kubeconfig, String image, String values) throws Exception {
    Config config = Config.fromKubeconfig(Files.readString(kubeconfig));
    Map<String, String> more =
        values.isBlank()
            ? Map.of()
            : List.of(values.split(",", -1)).stream()
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    var cluster =
        new KubeconfigCluster(
            kubeconfig, new KubernetesClientBuilder().withConfig(config).build(), image, more);
    try {
      cluster.namespace(FAREWAY_NAMESPACE);
      cluster.namespace(PROBES);
      var install =
          new Helm(CHART)
              .install()
              .withName(RELEASE)
              .withNamespace(FAREWAY_NAMESPACE)
              .withKubeConfig(kubeconfig)
              .waitReady()
              .withTimeout(HELM_SECONDS);
      more.forEach(install::set);
      install.call();
      cluster.installed = true;
      Helm.test(RELEASE)
          .withNamespace(FAREWAY_NAMESPACE)
          .withKubeConfig(kubeconfig)
          .withTimeout(HELM_SECONDS)
          .call();
      return cluster;
    } catch (Exception e) {
      cluster.close();
      throw e;
    }
  }

  private void namespace(String name) {
    client
        .resource(
            """
            apiVersion: v1
            kind: Namespace
            metadata:
              name: %s
              labels: {pod-security.kubernetes.io/enforce: privileged}
            """
                .formatted(name))
        .createOr(existing -> existing.update());
  }

  @Override
  public String name() {
    return kubeconfig.toString();
  }

  @Override
  public KubernetesClient client() {
    return client;
  }

  @Override
  public Duration patience() {
    return Duration.ofMinutes(2);
  }

  @Override
  public Pod function(String namespace, String name, String script) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .withTerminationGracePeriodSeconds(1L)
        .addNewContainer()
        .withName("main")
        .withImage(image)
        .withCommand("/bin/sh", "-c", script)
        .endContainer()
        .endSpec()
        .build();
  }

  /** By a pod that enters the node's own file systems and sees its processes. */
  @Override
  public String onNode(String node, String script) throws Exception {
    Pod probe =
        client
            .resource(
                new PodBuilder()
                    .withNewMetadata()
                    .withNamespace(PROBES)
                    .withName("probe-" + probes.incrementAndGet())
                    .endMetadata()
                    .withNewSpec()
                    .withNodeName(node)
                    .withHostPID(true)
                    .withRestartPolicy("Never")
                    .addNewToleration()
                    .withOperator("Exists")
                    .endToleration()
                    .addNewContainer()
                    .withName("probe")
                    .withImage(image)
                    .withCommand("nsenter", "-t", "1", "-m", "--", "sh", "-c", script)
                    .withNewSecurityContext()
                    .withPrivileged(true)
                    .endSecurityContext()
                    .endContainer()
                    .endSpec()
                    .build())
            .create();
    try {
      await(
          "the probe on " + node + " has ended",
          () -> {
            String phase = client.resource(probe).get().getStatus().getPhase();
            return "Succeeded".equals(phase) || "Failed".equals(phase);
          });
      return client.pods().inNamespace(PROBES).withName(probe.getMetadata().getName()).getLog();
    } finally {
      client.resource(probe).withGracePeriod(0).delete();
    }
  }

  @Override
  public Optional<String> noSwap() {
    try {
      for (Node node : client.nodes().list().getItems()) {
        String name = node.getMetadata().getName();
        String printed =
            onNode(name, "wc -l < /proc/swaps; cat /sys/fs/cgroup/cgroup.controllers 2>/dev/null");
        if (printed.startsWith("1\n") || printed.startsWith("0\n")) {
          return Optional.of("node %s has no swap".formatted(name));
        }
        if (!printed.contains("memory")) {
          return Optional.of(
              "node %s has no memory controller of cgroup version 2".formatted(name));
        }
      }
      return Optional.empty();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void upgrade(Map<String, String> changed) throws Exception {
    var upgrade =
        new Helm(CHART)
            .upgrade()
            .withName(RELEASE)
            .withNamespace(FAREWAY_NAMESPACE)
            .withKubeConfig(kubeconfig)
            .waitReady()
            .withTimeout(HELM_SECONDS);
    var all = new HashMap<>(values);
    all.putAll(changed);
    all.forEach(upgrade::set);
    upgrade.call();
  }

  @Override
  public void failOver() {
    Lease lease = client.leases().inNamespace(FAREWAY_NAMESPACE).withName("fareway-shard-0").get();
    client
        .pods()
        .inNamespace(FAREWAY_NAMESPACE)
        .withName(lease.getSpec().getHolderIdentity())
        .withGracePeriod(0)
        .delete();
  }

  @Override
  public void uninstallAfterACrash() throws Exception {
    for (Pod daemon :
        client
            .pods()
            .inNamespace(FAREWAY_NAMESPACE)
            .withLabel("app.kubernetes.io/component", "node-daemon")
            .list()
            .getItems()) {
      // SIGKILL: it puts nothing back.
      onNode(
          daemon.getSpec().getNodeName(),
          "for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline 2>/dev/null | grep -q 'fareway-node-daemon.*--cgroup-root'"
              + " && kill -9 ${p#/proc/}; done; true");
    }
    String removed =
        Helm.uninstall(RELEASE).withNamespace(FAREWAY_NAMESPACE).withKubeConfig(kubeconfig).call();
    if (!removed.contains("uninstalled")) {
      fail(removed);
    }
    installed = false;
  }

  private void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + patience().toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        fail("not within %d s: %s".formatted(patience().toSeconds(), what));
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  @Override
  public void close() {
    try {
      if (installed) {
        Helm.uninstall(RELEASE)
            .withNamespace(FAREWAY_NAMESPACE)
            .withKubeConfig(kubeconfig)
            .ignoreNotFound()
            .call();
      }
      client.namespaces().withName(PROBES).delete();
    } finally {
      client.close();
    }
  }
}
