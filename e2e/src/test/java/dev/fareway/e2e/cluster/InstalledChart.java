package dev.fareway.e2e.cluster;

import static dev.fareway.e2e.cluster.Eventually.eventually;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.Release;
import com.marcnuri.helm.UpgradeCommand;
import dev.fareway.crds.Fareway;
import dev.fareway.e2e.runner.ProcessRunner;
import dev.fareway.e2e.runner.ProcessRunnerOptions;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ServiceReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.NullUnmarked;

/**
 * The chart installed on a real API server, and its parts as processes of this machine, each under
 * its own service account, with the arguments and the environment that the chart gives it; only
 * addresses, ports and files are this machine's.
 */
@NullUnmarked
final class InstalledChart implements AutoCloseable {
  static final String NAMESPACE = Rendered.NAMESPACE;
  static final String NODE = "node-a";

  /** Where Knative is, if at all. */
  static final String KNATIVE = "knative-serving";

  private static final Duration READY = Duration.ofSeconds(60);

  /** What is slow on purpose is quick here. */
  private static final Map<String, String> QUICK =
      Map.of(
          "FAREWAY_LEASES_DURATION", "PT4S",
          "FAREWAY_BUDGET_PERIOD", "PT1S",
          "FAREWAY_ARCHIVE_PERIOD", "PT3S",
          "FAREWAY_ARCHIVE_WRITES_PER_SECOND", "100",
          "FAREWAY_CERTIFICATES_PERIOD", "PT1S");

  final Path folder;
  final Audit audit;
  final KubernetesClient client;
  final Path kubeconfig;
  private final ApiServer server;
  private final List<Integer> ports = FreePorts.find(9);
  private ProcessRunner node;
  private ManagedProcess operator;
  private ManagedProcess second;
  private ManagedProcess daemon;
  private ManagedProcess activator;

  InstalledChart(Path folder, Map<String, String> values) throws Exception {
    this.folder = folder;
    this.audit = new Audit(folder);
    this.server =
        new RealApiServer(
            ApiServers.binaries().orElseThrow(),
            Files.createTempDirectory(folder, "api-server-"),
            folder,
            audit.arguments());
    server.start();
    kubeconfig = Files.writeString(folder.resolve("kubeconfig"), server.kubeconfig());
    client = new KubernetesClientBuilder().withConfig(server.clientConfig()).build();
    try {
      var install =
          new Helm(Rendered.CHART)
              .install()
              .withName("fareway")
              .withNamespace(NAMESPACE)
              .createNamespace()
              .withKubeConfig(kubeconfig);
      values.forEach(install::set);
      var _ = Bounded.helm("helm install", () -> "it has no hooks", install::call);
      reachWebhook();
      node = ProcessRunner.start(client, ProcessRunnerOptions.of(NODE, folder));
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  /** No Service leads anywhere here: the API server is told the address. */
  private void reachWebhook() {
    reachWebhook(ports.get(2));
  }

  private void reachWebhook(int port) {
    webhooks(
        webhook -> {
          webhook.getClientConfig().setService(null);
          webhook.getClientConfig().setUrl("https://localhost:%d/admit".formatted(port));
        });
  }

  private void webhooks(Consumer<MutatingWebhook> change) {
    client
        .resources(MutatingWebhookConfiguration.class)
        .withName("fareway-webhook")
        .edit(
            now -> {
              now.getWebhooks().forEach(change);
              return now;
            });
  }

  /**
   * As {@code helm upgrade} does it; values as they were before are to be said again.
   *
   * @param hooks what became of its hooks, for the message of a failure
   */
  Release upgrade(Map<String, String> values, Supplier<String> hooks) {
    webhooks(
        webhook -> {
          webhook.getClientConfig().setUrl(null);
          webhook
              .getClientConfig()
              .setService(
                  new ServiceReferenceBuilder()
                      .withNamespace(NAMESPACE)
                      .withName("fareway-webhook")
                      .withPath("/admit")
                      .withPort(443)
                      .build());
        });
    try {
      UpgradeCommand command =
          new Helm(Rendered.CHART)
              .upgrade()
              .withName("fareway")
              .withNamespace(NAMESPACE)
              .withKubeConfig(kubeconfig);
      values.forEach(command::set);
      return Bounded.helm("helm upgrade", hooks, command::call);
    } finally {
      reachWebhook();
    }
  }

  /** What the chart's parts see of Knative before it has any function. */
  void bringKnative() throws Exception {
    create(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: %s}
        """
            .formatted(KNATIVE));
    // So that the activator reads all that it may.
    create(
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: config-network, namespace: %s}
        data: {system-internal-tls: Enabled}
        """
            .formatted(KNATIVE));
    create(
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: revisions.serving.knative.dev}
        spec:
          group: serving.knative.dev
          scope: Namespaced
          names: {kind: Revision, plural: revisions, singular: revision}
          versions:
          - name: v1
            served: true
            storage: true
            schema:
              openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
        """);
    await(
        "Revisions are served",
        () -> {
          try {
            return client.raw("/apis/serving.knative.dev/v1/revisions") != null;
          } catch (KubernetesClientException e) {
            return false;
          }
        });
  }

  URI operatorAddress() {
    return URI.create("http://127.0.0.1:" + ports.get(0));
  }

  URI daemonAddress() {
    return URI.create("http://127.0.0.1:" + ports.get(3));
  }

  URI activatorMetrics() {
    return URI.create("http://127.0.0.1:" + ports.get(6));
  }

  ProcessRunner node() {
    return node;
  }

  ManagedProcess daemon() {
    return daemon;
  }

  // --- the operator

  /** Starts it; ready when this returns. */
  void startOperator() throws IOException {
    launchOperator();
    operator.waitReady(READY);
  }

  void launchOperator() throws IOException {
    operator = launchOperator("operator-0", ports.get(0), ports.get(1), ports.get(2));
  }

  /** Whether it runs: it may not be ready. */
  boolean operatorRuns() {
    return operator != null && operator.isAlive();
  }

  /** Whether it runs and says that it is ready. */
  boolean operatorIsReady() throws InterruptedException {
    return operatorRuns() && answers(operatorAddress().resolve("/q/health/ready")) == 200;
  }

  /** Somebody asks for the console's state, who may not see it; the status of the answer. */
  int lookAtConsole() throws InterruptedException {
    return answers(
        URI.create("http://127.0.0.1:%d/console/state".formatted(ports.get(7))),
        "Authorization",
        "Bearer "
            + Accounts.token(
                client,
                NAMESPACE,
                "fareway-operator",
                Optional.of("fareway-console"),
                Optional.empty()));
  }

  /** The status; 0: it does not answer. */
  private static int answers(URI address, String... headers) throws InterruptedException {
    var request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  /** A second replica. Ready when this returns. */
  void startSecondOperator() throws IOException {
    List<Integer> free = FreePorts.find(3);
    second = launchOperator("operator-1", free.get(0), free.get(1), free.get(2));
    second.waitReady(READY);
    // As the Service does with replicas that are ready.
    reachWebhook(free.get(2));
  }

  /** Ends the first replica without a word. */
  void killOperator() throws InterruptedException {
    kill(operator);
    operator = null;
  }

  /** Ends the daemon so that it puts nothing back. */
  void killDaemon() throws InterruptedException {
    kill(daemon);
    daemon = null;
  }

  private static void kill(ManagedProcess process) throws InterruptedException {
    ProcessHandle handle = ProcessHandle.of(process.pid()).orElseThrow();
    var _ = handle.destroyForcibly();
    for (int i = 0; i < 300 && handle.isAlive(); i++) {
      java.util.concurrent.TimeUnit.MILLISECONDS.sleep(100);
    }
    process.close();
  }

  private ManagedProcess launchOperator(String replica, int http, int dispatchers, int webhook)
      throws IOException {
    Container container =
        client
            .apps()
            .deployments()
            .inNamespace(NAMESPACE)
            .withName("fareway-operator")
            .get()
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .getFirst();
    Map<String, String> environment = environment(container, replica, NAMESPACE);
    environment.putAll(QUICK);
    environment.put("KUBECONFIG", account(NAMESPACE, "fareway-operator").toString());
    environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
    environment.put("QUARKUS_HTTP_PORT", String.valueOf(http));
    environment.put("FAREWAY_DISPATCHER_HOST", "127.0.0.1");
    environment.put("FAREWAY_DISPATCHER_PORT", String.valueOf(dispatchers));
    environment.put("FAREWAY_DISPATCHER_ADVERTISED", "127.0.0.1:" + dispatchers);
    // Where others than those on its machine reach it, they are asked who they are.
    boolean asks = environment.put("FAREWAY_CONSOLE_HOST", "127.0.0.1") != null;
    environment.put("FAREWAY_CONSOLE_AUTHENTICATE", String.valueOf(asks));
    environment.put(
        "FAREWAY_CONSOLE_PORT", replica.equals("operator-0") ? String.valueOf(ports.get(7)) : "0");
    environment.put("FAREWAY_WEBHOOK_HOST", "127.0.0.1");
    environment.put("FAREWAY_WEBHOOK_PORT", String.valueOf(webhook));
    environment.merge("FAREWAY_CERTIFICATES_NAMES", "localhost", (a, b) -> a + "," + b);
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(OperatorFlags.of(artifact("")));
    command.addAll(List.of("-jar", artifact(LocalCluster.OPERATOR).toString()));
    return ManagedProcess.start(
        replica,
        command,
        environment,
        folder.resolve(replica.equals("operator-0") ? "operator.log" : replica + ".log"),
        URI.create("http://127.0.0.1:" + http).resolve("/q/health/ready"));
  }

  void stopOperator() {
    if (second != null) {
      second.close();
      second = null;
    }
    if (operator != null) {
      operator.close();
      operator = null;
    }
  }

  // --- the node daemon

  /** Starts it once the operator says whom to trust; ready when this returns. */
  void startDaemon() throws Exception {
    launchDaemon();
    daemon.waitReady(READY);
  }

  void launchDaemon() throws Exception {
    Path ca = folder.resolve("ca.crt");
    Files.deleteIfExists(ca);
    writeAuthorities(ca);
    standIn(NAMESPACE, "daemon", "fareway-node-daemon");
    Path token =
        Files.writeString(
            folder.resolve("token"),
            Accounts.token(
                client,
                NAMESPACE,
                "fareway-node-daemon",
                Optional.of("fareway-dispatcher"),
                Optional.of("daemon")));
    Container container =
        client
            .apps()
            .daemonSets()
            .inNamespace(NAMESPACE)
            .withName("fareway-node-daemon")
            .get()
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .getFirst();
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            java(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx64m",
            "--enable-native-access=ALL-UNNAMED",
            "-jar",
            artifact(LocalCluster.NODE_DAEMON).toString()));
    for (String argument : container.getArgs()) {
      String name = argument.substring(0, (argument + "=").indexOf('='));
      switch (name) {
        case "--operator" -> command.add("--operator=localhost:" + ports.get(1));
        case "--operator-ca" -> command.add("--operator-ca=" + ca);
        case "--operator-token" -> command.add("--operator-token=" + token);
        case "--cgroup-root" ->
            command.add("--cgroup-root=" + node.cgroupRoot().orElse(Path.of("/none")));
        case "--status-port" -> command.add("--status-port=" + ports.get(3));
        case "--status-address" -> command.add("--status-address=127.0.0.1");
        case "--usage-interval" -> command.add("--usage-interval=1");
        default -> command.add(argument);
      }
    }
    Map<String, String> environment = environment(container, "daemon", NAMESPACE);
    environment.put("KUBECONFIG", account(NAMESPACE, "fareway-node-daemon").toString());
    daemon =
        ManagedProcess.start(
            "the node daemon",
            command,
            environment,
            folder.resolve("node-daemon.log"),
            daemonAddress().resolve("/readyz"));
  }

  /** Stands for a part's own pod: the part's token is bound to it, and so to the node. */
  private void standIn(String namespace, String pod, String account) {
    if (client.pods().inNamespace(namespace).withName(pod).get() == null) {
      client
          .resource(
              """
              apiVersion: v1
              kind: Pod
              metadata: {name: %s, namespace: %s}
              spec:
                nodeName: %s
                serviceAccountName: %s
                schedulerName: none
                containers: [{name: c, image: none, command: [sleep, "100000"]}]
              """
                  .formatted(pod, namespace, NODE, account))
          .create();
    }
  }

  /** As the volume with the ConfigMap is, a moment after the operator has started. */
  void writeAuthorities(Path file) throws Exception {
    var map = client.configMaps().inNamespace(NAMESPACE).withName("fareway-ca").get();
    if (map != null && map.getData() != null && map.getData().containsKey("ca.crt")) {
      Files.writeString(file, map.getData().get("ca.crt"));
    }
  }

  boolean daemonRuns() {
    return daemon != null && daemon.isAlive();
  }

  void stopDaemon() {
    if (daemon != null) {
      daemon.close();
      daemon = null;
    }
  }

  // --- the activator

  /** Where the chart has it: in the place of Knative's it is in Knative's namespace. */
  String activatorNamespace() {
    return client
        .serviceAccounts()
        .inAnyNamespace()
        .withField("metadata.name", "fareway-activator")
        .list()
        .getItems()
        .getFirst()
        .getMetadata()
        .getNamespace();
  }

  void launchActivator() throws Exception {
    String namespace = activatorNamespace();
    Container container =
        client
            .apps()
            .deployments()
            .inNamespace(namespace)
            .withName("fareway-activator")
            .get()
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .getFirst();
    Path keys =
        Files.writeString(
            folder.resolve("keys"),
            new String(
                java.util.Base64.getDecoder()
                    .decode(
                        client
                            .secrets()
                            .inNamespace(namespace)
                            .withName("fareway-activator-keys")
                            .get()
                            .getData()
                            .get("keys")),
                java.nio.charset.StandardCharsets.UTF_8));
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            java(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m",
            "-jar",
            artifact("activator/target/app/fareway-activator.jar").toString()));
    standIn(namespace, "activator", "fareway-activator");
    Path ca = folder.resolve("activator-ca.crt");
    writeAuthorities(ca);
    Path token =
        Files.writeString(
            folder.resolve("activator-token"),
            Accounts.token(
                client,
                namespace,
                "fareway-activator",
                Optional.of("fareway-activator"),
                Optional.of("activator")));
    for (String argument : container.getArgs()) {
      String name = argument.substring(0, (argument + "=").indexOf('='));
      command.add(
          switch (name) {
            case "--token-keys" -> name + "=" + keys;
            case "--operator" -> name + "=localhost:" + ports.get(1);
            case "--operator-ca" -> name + "=" + ca;
            case "--operator-token" -> name + "=" + token;
            default -> argument;
          });
    }
    command.addAll(
        List.of(
            "--bind=127.0.0.1",
            "--http-port=" + ports.get(4),
            "--h2c-port=" + ports.get(5),
            "--metrics-port=" + ports.get(6),
            "--https-port=" + ports.get(8),
            "--drain-delay=PT0S"));
    Map<String, String> environment = environment(container, "activator-0", namespace);
    environment.put("KUBECONFIG", account(namespace, "fareway-activator").toString());
    activator =
        ManagedProcess.start(
            "the activator",
            command,
            environment,
            folder.resolve("activator.log"),
            activatorMetrics().resolve("/readyz"));
  }

  void startActivator() throws Exception {
    launchActivator();
    activator.waitReady(READY);
  }

  boolean activatorRuns() {
    return activator != null && activator.isAlive();
  }

  void stopActivator() {
    if (activator != null) {
      activator.close();
      activator = null;
    }
  }

  // ---

  private Path account(String namespace, String name) throws IOException {
    return Accounts.kubeconfig(client, namespace, name, folder.resolve(name + ".kubeconfig"));
  }

  private static Map<String, String> environment(
      Container container, String pod, String namespace) {
    var environment = new HashMap<String, String>();
    for (EnvVar variable : container.getEnv()) {
      if (variable.getValueFrom() == null) {
        environment.put(variable.getName(), variable.getValue().replace("$(POD_IP)", "127.0.0.1"));
      } else {
        environment.put(
            variable.getName(),
            switch (variable.getValueFrom().getFieldRef().getFieldPath()) {
              case "metadata.name" -> pod;
              case "metadata.namespace" -> namespace;
              case "status.podIP" -> "127.0.0.1";
              case "spec.nodeName" -> NODE;
              case String other -> throw new IllegalStateException(other);
            });
      }
    }
    return environment;
  }

  private static String java() {
    return ProcessHandle.current().info().command().orElseThrow();
  }

  static Path artifact(String path) {
    return LocalClusterOptions.in(Path.of("")).home().resolve(path);
  }

  /** The names of the metrics that a part exports now, or has a type of. */
  static List<String> metrics(URI address) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith("# TYPE ") || !(line.startsWith("#") || line.isBlank()))
          .map(line -> line.replace("# TYPE ", "").split("[{ ]", 2)[0])
          .distinct()
          .toList();
    }
  }

  void create(String yaml) {
    client.resource(yaml).create();
  }

  void await(String what, java.util.concurrent.Callable<Boolean> condition) throws Exception {
    eventually(() -> what + "; the operator's log ends: " + tail("operator.log"), condition);
  }

  String tail(String log) {
    try {
      Path file = folder.resolve(log);
      if (!Files.exists(file)) {
        return "(none)";
      }
      List<String> lines = Files.readAllLines(file);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }

  static String annotation(String priceClass) {
    return "%s: %s".formatted(Fareway.PRICE_CLASS, priceClass);
  }

  @Override
  public void close() {
    stopActivator();
    stopDaemon();
    stopOperator();
    if (node != null) {
      node.close();
    }
    client.close();
    server.close();
  }
}
