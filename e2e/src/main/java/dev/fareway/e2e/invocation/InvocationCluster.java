package dev.fareway.e2e.invocation;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassSpec;
import dev.fareway.e2e.cluster.LocalCluster;
import dev.fareway.e2e.cluster.LocalClusterException;
import dev.fareway.e2e.cluster.LocalClusterOptions;
import dev.fareway.e2e.cluster.NodeDaemonMode;
import dev.fareway.e2e.cluster.ServiceEndpoints;
import dev.fareway.e2e.demo.ThreadPolicies;
import dev.fareway.e2e.function.FunctionServer;
import dev.fareway.e2e.runner.ProcessRunner;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HTTPGetActionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A local cluster with operator, node daemon and activator, all as processes of their own, and
 * functions behind the activator.
 */
public final class InvocationCluster implements AutoCloseable {
  private static final String NODE = "local";
  private static final String NAMESPACE = "default";
  private static final long BOUND_SECONDS = 60;
  private static final long POLL_MILLIS = 50;
  private static final List<String> SMALL_JVM =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xmx64m");

  private final LocalCluster cluster;
  private final ProcessRunner node;

  private InvocationCluster(LocalCluster cluster, ProcessRunner node) {
    this.cluster = cluster;
    this.node = node;
  }

  /**
   * Starts all but the activator.
   *
   * @throws LocalClusterException if it does not come up
   */
  public static InvocationCluster start(LocalClusterOptions options) {
    LocalCluster cluster = LocalCluster.start(options);
    try {
      cluster.startOperator();
      ProcessRunner node = cluster.startNode(NODE);
      cluster.startNodeDaemon(NODE, NodeDaemonMode.AUTO, false);
      return new InvocationCluster(cluster, node);
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /** The cluster below. */
  public LocalCluster cluster() {
    return cluster;
  }

  /** Makes a price class and waits until it is ranked. */
  public void priceClass(String name, String price) throws InterruptedException {
    var priceClass = new PriceClass();
    priceClass.getMetadata().setName(name);
    priceClass.setSpec(PriceClassSpec.ofPrice(price));
    cluster.client().resource(priceClass).create();
    await(
        "the price class " + name + " is ranked",
        () -> {
          PriceClass now = cluster.client().resources(PriceClass.class).withName(name).get();
          return now != null && now.getStatus() != null && now.getStatus().rank() != null;
        });
  }

  /**
   * Starts the activator, which tells the operator what pods run, or not.
   *
   * @param inherits whether it does
   * @param settings its further options
   */
  public URI startActivator(boolean inherits, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    if (inherits) {
      all.add("--operator=" + cluster.dispatcherAddress());
    }
    cluster.startActivator(List.of(), all);
    return cluster.activatorAddress().orElseThrow();
  }

  /**
   * Starts a function of one pod, and waits until it serves.
   *
   * @param annotations of the pod, besides its class
   * @param environment of its container, besides where to listen
   */
  public Pod function(
      String name,
      String priceClass,
      Map<String, String> annotations,
      Map<String, String> environment)
      throws IOException, InterruptedException {
    KubernetesClient client = cluster.client();
    int port = freePort();
    client
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .addToLabels(Fareway.PRICE_CLASS, priceClass)
                .addToAnnotations(Fareway.PRICE_CLASS, priceClass)
                .addToAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .withSchedulerName(Fareway.SCHEDULER_NAME)
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(1L)
                .withContainers(container(name, port, environment))
                .endSpec()
                .build())
        .create();
    await(
        "the function " + name + " serves",
        () -> {
          Pod now = client.pods().inNamespace(NAMESPACE).withName(name).get();
          return now != null
              && now.getSpec().getNodeName() != null
              && answers(URI.create("http://127.0.0.1:%d/healthz".formatted(port)));
        });
    Pod pod = client.pods().inNamespace(NAMESPACE).withName(name).get();
    client.resource(ServiceEndpoints.of(pod, name, port)).create();
    await(
        "the activator knows the function " + name,
        () ->
            cluster
                .activatorMetrics()
                .map(of -> answers(of.resolve("/functions/%s/%s".formatted(NAMESPACE, name))))
                .orElse(true));
    return pod;
  }

  /** How many of a pod's threads are under a real-time policy, and how many are not. */
  public ThreadPolicies.Counts threads(Pod pod) throws IOException {
    int realTime = 0;
    int other = 0;
    for (long process : node.processes(pod).values()) {
      ThreadPolicies.Counts counts = ThreadPolicies.of(process);
      realTime += counts.realTime();
      other += counts.other();
    }
    return new ThreadPolicies.Counts(realTime, other);
  }

  @Override
  public void close() {
    cluster.close();
  }

  private static Container container(String name, int port, Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(SMALL_JVM);
    command.addAll(List.of("-cp", classPath(), FunctionServer.class.getName()));
    var variables = new ArrayList<EnvVar>();
    variables.add(new EnvVar("PORT", Integer.toString(port), null));
    variables.add(new EnvVar("K_SERVICE", name, null));
    environment.forEach((key, value) -> variables.add(new EnvVar(key, value, null)));
    return new ContainerBuilder()
        .withName("function")
        .withImage("fareway.dev/demo-function:local")
        .withCommand(command)
        .withEnv(variables)
        .withReadinessProbe(
            new ProbeBuilder()
                .withHttpGet(
                    new HTTPGetActionBuilder().withPath("/healthz").withNewPort(port).build())
                .withPeriodSeconds(1)
                .build())
        .build();
  }

  private static boolean answers(URI uri) {
    try {
      var connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setConnectTimeout(1_000);
      connection.setReadTimeout(5_000);
      return connection.getResponseCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private static String classPath() throws IOException {
    try {
      return Path.of(
              FunctionServer.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new IOException("classes come from files", e);
    }
  }

  private static int freePort() throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private interface Check {
    boolean holds();
  }

  private static void await(String what, Check check) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    while (!check.holds()) {
      if (System.nanoTime() > end) {
        throw new LocalClusterException(
            "waited %d s in vain until %s".formatted(BOUND_SECONDS, what));
      }
      Thread.sleep(POLL_MILLIS);
    }
  }
}
