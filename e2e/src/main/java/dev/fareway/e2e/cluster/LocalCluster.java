package dev.fareway.e2e.cluster;

import dev.fareway.crds.Manifests;
import dev.fareway.e2e.runner.ProcessRunner;
import dev.fareway.e2e.runner.ProcessRunnerOptions;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A cluster on this machine: an API server with Fareway's resource definitions, and, as they are
 * asked for, the operator and a node daemon as processes of their own, started from their packages,
 * and nodes that run pods as processes.
 *
 * <p>{@link #close} ends all processes and removes what they changed; it is also called when the
 * virtual machine ends, so that Ctrl-C leaves nothing behind.
 */
public final class LocalCluster implements AutoCloseable {

  private static final Duration READY_BOUND = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(50);
  static final String OPERATOR = "operator/target/quarkus-app/quarkus-run.jar";

  /** Where the operator's own objects stand. */
  public static final String NAMESPACE = "fareway-system";

  private static final String NODE_KUBECONFIG = "node-kubeconfig";
  private static final String ACTIVATOR_KUBECONFIG = "activator-kubeconfig";
  static final String ACTIVATOR = "activator/target/app/fareway-activator.jar";
  static final String NODE_DAEMON = "node-daemon/target/app/fareway-node-daemon.jar";
  private static final List<String> SMALL_JVM =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");
  private static final List<String> NATIVE_ACCESS =
      List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

  private final LocalClusterOptions options;
  private final ApiServer apiServer;
  private final KubernetesClient client;
  private final Path kubeconfig;
  private final Thread hook = new Thread(this::closeNow, "end of the local cluster");
  private final Map<String, ProcessRunner> nodes = new LinkedHashMap<>();
  private final OperatorPorts ports;
  private @Nullable ManagedProcess operator;
  private @Nullable DaemonRun daemon;
  private @Nullable ActivatorRun activator;
  private @Nullable LoopbackEndpoints endpoints;
  private boolean closed;

  private record OperatorPorts(int http, int dispatcher, int console) {}

  private record ActivatorRun(ManagedProcess process, int http, int metrics) {}

  private record DaemonRun(
      ManagedProcess process,
      String node,
      NodeDaemonMode mode,
      boolean dryRun,
      List<String> more,
      int statusPort) {}

  private LocalCluster(
      LocalClusterOptions options, ApiServer apiServer, KubernetesClient client, Path kubeconfig) {
    this.options = options;
    this.apiServer = apiServer;
    this.client = client;
    this.kubeconfig = kubeconfig;
    List<Integer> free = FreePorts.find(3);
    this.ports = new OperatorPorts(free.get(0), free.get(1), free.get(2));
  }

  /**
   * Starts the API server and installs the resource definitions; ready when this returns.
   *
   * @throws LocalClusterException if it does not come up, or the real one is asked for and not here
   */
  public static LocalCluster start(LocalClusterOptions options) {
    ApiServer server;
    try {
      Files.createDirectories(options.workFolder());
      Files.createDirectories(options.logFolder());
      server = ApiServers.prepare(options);
    } catch (IOException e) {
      throw new LocalClusterException("a folder can't be made: " + e.getMessage(), e);
    }
    Thread guard = new Thread(server::close, "end of the API server");
    Runtime.getRuntime().addShutdownHook(guard);
    try {
      server.start();
      Path kubeconfig = writeKubeconfig(options.workFolder(), "kubeconfig", server.kubeconfig());
      var _ =
          writeKubeconfig(
              options.workFolder(), NODE_KUBECONFIG, server.kubeconfigForPlainWatches());
      KubernetesClient client =
          new KubernetesClientBuilder().withConfig(server.clientConfig()).build();
      var cluster = new LocalCluster(options, server, client, kubeconfig);
      Runtime.getRuntime().addShutdownHook(cluster.hook);
      removeHook(guard);
      try {
        cluster.installDefinitions();
        cluster.makeNamespace();
        return cluster;
      } catch (RuntimeException e) {
        cluster.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      server.close();
      removeHook(guard);
      throw e instanceof RuntimeException unchecked
          ? unchecked
          : new LocalClusterException("the kubeconfig can't be written: " + e.getMessage(), e);
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The virtual machine is ending, and the hook runs or ran.
    }
  }

  /** Only the owner may read what gives all rights in the cluster. */
  private static Path writeKubeconfig(Path folder, String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, content);
  }

  private void installDefinitions() {
    List<CustomResourceDefinition> definitions =
        Manifests.all().stream()
            .map(
                yaml ->
                    client
                        .getKubernetesSerialization()
                        .unmarshal(yaml, CustomResourceDefinition.class))
            .toList();
    for (CustomResourceDefinition definition : definitions) {
      client.resource(definition).create();
    }
    for (CustomResourceDefinition definition : definitions) {
      await(
          "the API server serves " + definition.getMetadata().getName(),
          () -> isServed(definition));
    }
  }

  /** As the chart's installation does: the operator's own objects stand there. */
  private void makeNamespace() {
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(NAMESPACE).endMetadata().build())
        .create();
  }

  private boolean isServed(CustomResourceDefinition definition) {
    if (apiServer instanceof MockApiServer) {
      return true;
    }
    var now = client.resource(definition).get();
    return now != null
        && now.getStatus() != null
        && now.getStatus().getConditions().stream()
            .anyMatch(
                condition ->
                    condition.getType().equals("Established")
                        && condition.getStatus().equals("True"));
  }

  /** A client with all rights; closed with the cluster. */
  public KubernetesClient client() {
    return client;
  }

  /** The file by which other processes reach the API server, with all rights. */
  public Path kubeconfig() {
    return kubeconfig;
  }

  /** The same for the node daemon, which watches by plain HTTP. */
  public Path nodeKubeconfig() {
    return kubeconfig.resolveSibling(NODE_KUBECONFIG);
  }

  /** Which API server it is, and its version, for users to read. */
  public String apiServer() {
    return apiServer.description();
  }

  /** Which API server it is. */
  public ApiServerKind apiServerKind() {
    return apiServer instanceof MockApiServer ? ApiServerKind.MOCK : ApiServerKind.REAL;
  }

  // --- the operator

  /**
   * Starts the operator from its package and waits until it is ready. When it was started before,
   * it gets the same ports.
   *
   * @throws LocalClusterException with the end of its log, if it is not ready in a minute
   */
  public void startOperator() {
    launchOperator().waitReady(READY_BOUND);
  }

  /** Nobody waits under the lock, so that closing never does. */
  private synchronized ManagedProcess launchOperator() {
    checkOpen();
    if (operator != null) {
      throw new IllegalStateException("the operator runs already");
    }
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(options.operatorJvm());
    command.addAll(NATIVE_ACCESS);
    command.addAll(List.of("-jar", artifact("operator", OPERATOR).toString()));
    Map<String, String> environment = new HashMap<>();
    environment.put("KUBECONFIG", kubeconfig.toString());
    environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
    environment.put("QUARKUS_HTTP_PORT", String.valueOf(ports.http()));
    environment.put("FAREWAY_DISPATCHER_HOST", "127.0.0.1");
    environment.put("FAREWAY_DISPATCHER_PORT", String.valueOf(ports.dispatcher()));
    environment.put("FAREWAY_CONSOLE_PORT", String.valueOf(ports.console()));
    environment.put("FAREWAY_NAMESPACE", NAMESPACE);
    environment.put("FAREWAY_REPLICA", "operator-0");
    environment.put("FAREWAY_SHARDS", String.valueOf(options.shards()));
    environment.putAll(options.operatorSettings());
    var process =
        ManagedProcess.start(
            "the operator",
            command,
            environment,
            operatorLog(),
            operatorAddress().resolve("/q/health/ready"));
    operator = process;
    return process;
  }

  /** Ends the operator; nothing happens if it does not run. */
  public synchronized void stopOperator() {
    if (operator != null) {
      operator.close();
      operator = null;
    }
  }

  /** Ends the operator and starts it again. */
  public void restartOperator() {
    stopOperator();
    startOperator();
  }

  /** Where the operator serves health and metrics. */
  public URI operatorAddress() {
    return URI.create("http://127.0.0.1:" + ports.http());
  }

  /** The console's page. */
  public URI console() {
    return URI.create("http://127.0.0.1:" + ports.console() + "/console/");
  }

  /** Where the operator takes the node daemons' sessions, {@code HOST:PORT}. */
  public String dispatcherAddress() {
    return "127.0.0.1:" + ports.dispatcher();
  }

  /** What the operator printed, over all its runs. */
  public Path operatorLog() {
    return options.logFolder().resolve("operator.log");
  }

  /** The operator's process; empty if it does not run. */
  public synchronized Optional<ProcessHandle> operatorProcess() {
    return operator == null ? Optional.empty() : ProcessHandle.of(operator.pid());
  }

  // --- nodes

  /**
   * Starts a node that runs pods as processes of this machine; registered and ready when this
   * returns.
   */
  public ProcessRunner startNode(String name) {
    return startNode(ProcessRunnerOptions.of(name, options.logFolder()));
  }

  /** The same with other options. */
  public synchronized ProcessRunner startNode(ProcessRunnerOptions runnerOptions) {
    checkOpen();
    if (nodes.containsKey(runnerOptions.nodeName())) {
      throw new IllegalStateException("node " + runnerOptions.nodeName() + " runs already");
    }
    ProcessRunner node = ProcessRunner.start(client, runnerOptions);
    nodes.put(runnerOptions.nodeName(), node);
    return node;
  }

  // --- the node daemon

  /**
   * Starts the node daemon of a node that was started here, from its package, and waits until it is
   * ready.
   *
   * @throws LocalClusterException with the end of its log, if it is not ready in a minute
   */
  public void startNodeDaemon(String node, NodeDaemonMode mode, boolean dryRun) {
    startNodeDaemon(node, mode, dryRun, List.of());
  }

  /** The same with further arguments. */
  public void startNodeDaemon(String node, NodeDaemonMode mode, boolean dryRun, List<String> more) {
    launchNodeDaemon(node, mode, dryRun, more).waitReady(READY_BOUND);
  }

  private synchronized ManagedProcess launchNodeDaemon(
      String node, NodeDaemonMode mode, boolean dryRun, List<String> more) {
    checkOpen();
    if (daemon != null) {
      throw new IllegalStateException("the node daemon runs already");
    }
    ProcessRunner runner = nodes.get(node);
    if (runner == null) {
      throw new IllegalArgumentException("no node " + node + " was started");
    }
    int statusPort = FreePorts.find(1).getFirst();
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(SMALL_JVM);
    command.addAll(NATIVE_ACCESS);
    command.addAll(List.of("-jar", artifact("node daemon", NODE_DAEMON).toString()));
    command.addAll(List.of("--node-name", node, "--kubeconfig", nodeKubeconfig().toString()));
    command.addAll(List.of("--operator", "127.0.0.1:" + ports.dispatcher()));
    command.addAll(List.of("--mode", mode.argument()));
    command.addAll(List.of("--status-port", String.valueOf(statusPort)));
    runner
        .cgroupRoot()
        .ifPresent(root -> command.addAll(List.of("--cgroup-root", root.toString())));
    if (dryRun) {
      command.add("--dry-run");
    }
    command.addAll(more);
    var process =
        ManagedProcess.start(
            "the node daemon",
            command,
            Map.of(),
            nodeDaemonLog(),
            URI.create("http://127.0.0.1:" + statusPort + "/readyz"));
    daemon = new DaemonRun(process, node, mode, dryRun, List.copyOf(more), statusPort);
    return process;
  }

  /** Ends the node daemon, which restores what it changed; nothing happens if it does not run. */
  public synchronized void stopNodeDaemon() {
    if (daemon != null) {
      daemon.process().close();
      daemon = null;
    }
  }

  /** Ends the node daemon and starts it again as it was. */
  public void restartNodeDaemon() {
    DaemonRun before;
    synchronized (this) {
      before = daemon;
    }
    if (before == null) {
      throw new IllegalStateException("the node daemon does not run");
    }
    stopNodeDaemon();
    startNodeDaemon(before.node(), before.mode(), before.dryRun(), before.more());
  }

  /** Where the node daemon serves health and metrics; empty if it does not run. */
  public synchronized Optional<URI> nodeDaemonAddress() {
    return daemon == null
        ? Optional.empty()
        : Optional.of(URI.create("http://127.0.0.1:" + daemon.statusPort()));
  }

  /** What the node daemon printed, over all its runs. */
  public Path nodeDaemonLog() {
    return options.logFolder().resolve("node-daemon.log");
  }

  /** The node daemon's process; empty if it does not run. */
  public synchronized Optional<ProcessHandle> nodeDaemonProcess() {
    return daemon == null ? Optional.empty() : ProcessHandle.of(daemon.process().pid());
  }

  // --- the activator

  /**
   * Has the activator know that a pod of this machine serves a function on a loopback port, as
   * Kubernetes' own controllers would; before the activator is started.
   */
  public synchronized void serve(Pod pod, String function, int port) {
    checkOpen();
    if (apiServerKind() == ApiServerKind.MOCK) {
      client.resource(ServiceEndpoints.of(pod, function, port)).create();
      return;
    }
    if (endpoints == null) {
      endpoints = new LoopbackEndpoints(client);
    }
    endpoints.add(pod, function, port);
  }

  /**
   * Starts the activator from its package, in front of Services whose pods are functions, and waits
   * until it is ready.
   *
   * @param through a program to start it through, with its arguments; empty: none
   * @param settings options over those that the cluster sets
   * @throws LocalClusterException with the end of its log, if it is not ready in a minute
   */
  public void startActivator(List<String> through, List<String> settings) {
    launchActivator(through, settings).waitReady(READY_BOUND);
  }

  private Path activatorKubeconfig() {
    if (endpoints == null) {
      return kubeconfig;
    }
    try {
      return writeKubeconfig(options.workFolder(), ACTIVATOR_KUBECONFIG, endpoints.kubeconfig());
    } catch (IOException e) {
      throw new LocalClusterException("the kubeconfig can't be written: " + e.getMessage(), e);
    }
  }

  private synchronized ManagedProcess launchActivator(List<String> through, List<String> settings) {
    checkOpen();
    if (activator != null) {
      throw new IllegalStateException("the activator runs already");
    }
    List<Integer> free = FreePorts.find(3);
    Path jar = artifact("activator", ACTIVATOR);
    List<String> command = new ArrayList<>(through);
    command.add(java());
    command.add("@" + jar.resolveSibling("jvm.options"));
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(
        List.of(
            "--functions=Services",
            "--bind=127.0.0.1",
            "--http-port=" + free.get(0),
            "--h2c-port=" + free.get(1),
            "--metrics-port=" + free.get(2),
            "--kubeconfig=" + activatorKubeconfig(),
            "--drain-delay=PT0S",
            "--drain-limit=PT1S"));
    command.addAll(settings);
    var process =
        ManagedProcess.start(
            "the activator",
            command,
            Map.of(),
            activatorLog(),
            URI.create("http://127.0.0.1:" + free.get(2) + "/readyz"));
    activator = new ActivatorRun(process, free.get(0), free.get(2));
    return process;
  }

  /** Ends the activator; nothing happens if it does not run. */
  public synchronized void stopActivator() {
    if (activator != null) {
      activator.process().close();
      activator = null;
    }
  }

  /** Where the activator takes requests over HTTP/1.1; empty if it does not run. */
  public synchronized Optional<URI> activatorAddress() {
    return activator == null
        ? Optional.empty()
        : Optional.of(URI.create("http://127.0.0.1:" + activator.http()));
  }

  /** Where the activator serves health and metrics; empty if it does not run. */
  public synchronized Optional<URI> activatorMetrics() {
    return activator == null
        ? Optional.empty()
        : Optional.of(URI.create("http://127.0.0.1:" + activator.metrics()));
  }

  /** What the activator printed, over all its runs. */
  public Path activatorLog() {
    return options.logFolder().resolve("activator.log");
  }

  /** The activator's process; empty if it does not run. */
  public synchronized Optional<ProcessHandle> activatorProcess() {
    return activator == null ? Optional.empty() : ProcessHandle.of(activator.process().pid());
  }

  // --- what is needed for that

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private Path artifact(String what, String path) {
    Path file = options.home().resolve(path);
    if (!Files.isRegularFile(file)) {
      throw new LocalClusterException(
          "the %s is not built: %s is missing; run ./fareway build".formatted(what, file));
    }
    return file;
  }

  private interface Check {
    boolean holds();
  }

  private static void await(String what, Check check) {
    long end = System.nanoTime() + READY_BOUND.toNanos();
    while (!check.holds()) {
      if (System.nanoTime() > end) {
        throw new LocalClusterException(
            "waited %d s in vain until %s".formatted(READY_BOUND.toSeconds(), what));
      }
      try {
        TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LocalClusterException("interrupted while waiting until " + what, e);
      }
    }
  }

  /**
   * Kills the API server as a crash would, and starts it again a while later.
   *
   * @throws IllegalStateException if it is not a real one
   */
  void crashApiServer(Duration downFor) throws InterruptedException {
    checkOpen();
    if (!(apiServer instanceof RealApiServer real)) {
      throw new IllegalStateException("%s can't be started again".formatted(apiServer()));
    }
    real.crash(downFor);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the cluster was closed");
    }
  }

  // --- the end

  /** Ends all processes of the cluster and removes cgroups and files; logs stay. */
  @Override
  public void close() {
    closeNow();
    removeHook(hook);
  }

  /** The daemon first, so that it restores what is still there; the API server last. */
  private synchronized void closeNow() {
    if (closed) {
      return;
    }
    closed = true;
    List<Runnable> steps = new ArrayList<>();
    steps.add(this::stopActivator);
    if (endpoints != null) {
      steps.add(endpoints::close);
    }
    steps.add(this::stopNodeDaemon);
    List.copyOf(nodes.values()).forEach(node -> steps.add(node::close));
    steps.add(this::stopOperator);
    steps.add(client::close);
    steps.add(apiServer::close);
    steps.add(this::deleteKubeconfig);
    RuntimeException failure = null;
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void deleteKubeconfig() {
    try {
      Files.deleteIfExists(kubeconfig);
      Files.deleteIfExists(nodeKubeconfig());
      Files.deleteIfExists(kubeconfig.resolveSibling(ACTIVATOR_KUBECONFIG));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
