package dev.fareway.activator.main;

import dev.fareway.activator.core.NodeLimits;
import dev.fareway.activator.core.SchedulerLimits;
import dev.fareway.activator.proxy.ProxyOptions;
import dev.fareway.activator.tls.TlsOptions;
import dev.fareway.protocol.client.OperatorAccess;
import dev.fareway.scheduler.core.QueueDiscipline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the activator can be told, on its command line or by the variables that Knative sets. */
final class Options {
  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      defaultValue = "0.0.0.0",
      description = "Where to listen. Default: ${DEFAULT-VALUE}.")
  String bind = "0.0.0.0";

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      defaultValue = "8012",
      description = "Port for HTTP/1.1; 0: any. Default: ${DEFAULT-VALUE}.")
  int httpPort;

  @Option(
      names = "--h2c-port",
      paramLabel = "PORT",
      defaultValue = "8013",
      description = "Port for h2c; 0: any. Default: ${DEFAULT-VALUE}.")
  int h2cPort;

  @Option(
      names = "--https-port",
      paramLabel = "PORT",
      defaultValue = "8112",
      description =
          "Port for TLS, opened once Knative's config-network asks for it; 0: any. Default: ${DEFAULT-VALUE}.")
  int httpsPort;

  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      defaultValue = "9090",
      description = "Port of /metrics, /healthz and /readyz; 0: any. Default: ${DEFAULT-VALUE}.")
  int metricsPort;

  @Option(
      names = "--profile-port",
      paramLabel = "PORT",
      defaultValue = "8008",
      description =
          "Port of profiles, on the loopback address, while Knative's config-observability enables them; 0: any."
              + " Default: ${DEFAULT-VALUE}.")
  int profilePort;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description =
          "How to reach the API server. Default: the variable KUBECONFIG, else the pod's service account.")
  @Nullable Path kubeconfig;

  @Option(
      names = "--functions",
      paramLabel = "KIND",
      defaultValue = "Knative",
      description =
          "Knative: the cluster's Revisions. Services: every Service whose pods are labelled with a price class."
              + " Default: ${DEFAULT-VALUE}.")
  Functions functions = Functions.Knative;

  @Option(
      names = "--pod-name",
      paramLabel = "NAME",
      defaultValue = "${env:POD_NAME:-activator}",
      description = "This pod's name. Default: the variable POD_NAME.")
  String podName = "activator";

  @Option(
      names = "--pod-ip",
      paramLabel = "ADDRESS",
      defaultValue = "${env:POD_IP:-127.0.0.1}",
      description = "This pod's address. Default: the variable POD_IP.")
  String podIp = "127.0.0.1";

  @Option(
      names = "--system-namespace",
      paramLabel = "NAME",
      defaultValue = "${env:SYSTEM_NAMESPACE:-knative-serving}",
      description = "Knative's namespace. Default: the variable SYSTEM_NAMESPACE.")
  String systemNamespace = "knative-serving";

  @Option(
      names = "--config-logging",
      paramLabel = "NAME",
      defaultValue = "${env:CONFIG_LOGGING_NAME:-config-logging}",
      description =
          "Knative's ConfigMap of log levels. Default: CONFIG_LOGGING_NAME, else config-logging.")
  String configLogging = "config-logging";

  @Option(
      names = "--config-observability",
      paramLabel = "NAME",
      defaultValue = "${env:CONFIG_OBSERVABILITY_NAME:-config-observability}",
      description =
          "Knative's ConfigMap of metrics and profiles. Default: CONFIG_OBSERVABILITY_NAME, else config-observability.")
  String configObservability = "config-observability";

  @Option(
      names = "--cluster-domain",
      paramLabel = "DOMAIN",
      defaultValue = "${env:CLUSTER_DOMAIN:-cluster.local}",
      description = "The cluster's DNS domain. Default: cluster.local.")
  String clusterDomain = "cluster.local";

  @Option(
      names = "--autoscaler",
      paramLabel = "HOST:PORT",
      description =
          "Knative's autoscaler. Default: autoscaler.NAMESPACE.svc.DOMAIN:8080. Only with --functions=Knative.")
  @Nullable String autoscaler;

  @Option(
      names = "--tls-min-version",
      paramLabel = "VERSION",
      defaultValue = "${env:ACTIVATOR_TLS_MIN_VERSION:-1.3}",
      description =
          "Lowest version of TLS that callers may speak, 1.2 or 1.3. Default: ACTIVATOR_TLS_MIN_VERSION, else 1.3.")
  String tlsMinVersion = "1.3";

  @Option(
      names = "--tls-max-version",
      paramLabel = "VERSION",
      defaultValue = "${env:ACTIVATOR_TLS_MAX_VERSION:-1.3}",
      description =
          "Highest version of TLS that callers may speak. Default: ACTIVATOR_TLS_MAX_VERSION, else 1.3.")
  String tlsMaxVersion = "1.3";

  @Option(
      names = "--tls-cipher-suites",
      paramLabel = "NAMES",
      defaultValue = "${env:ACTIVATOR_TLS_CIPHER_SUITES:-}",
      description =
          "The cipher suites that callers may use, by their IANA names, with commas between."
              + " Default: ACTIVATOR_TLS_CIPHER_SUITES, else those of the JDK.")
  String tlsCipherSuites = "";

  /** Read to say that it isn't followed. */
  String tlsCurves =
      Objects.requireNonNullElse(System.getenv("ACTIVATOR_TLS_CURVE_PREFERENCES"), "");

  @Option(
      names = "--probe-timeout",
      paramLabel = "DURATION",
      defaultValue = "${env:PROBE_TIMEOUT:-300ms}",
      description =
          "How long a pod may take to answer a probe. Default: PROBE_TIMEOUT, else 300ms.")
  String probeTimeout = "300ms";

  @Option(
      names = "--probe-frequency",
      paramLabel = "DURATION",
      defaultValue = "${env:PROBE_FREQUENCY:-200ms}",
      description = "How often a pod is probed. Default: PROBE_FREQUENCY, else 200ms.")
  String probeFrequency = "200ms";

  @Option(
      names = "--connections-per-pod",
      paramLabel = "N",
      defaultValue = "${env:MAX_PROXY_CONNS_PER_HOST:-2000}",
      description = "Most HTTP/1.1 connections to a pod at once. Default: 2000.")
  int connectionsPerPod;

  @Option(
      names = "--idle-connections",
      paramLabel = "N",
      defaultValue = "${env:MAX_IDLE_PROXY_CONNS:-0}",
      description =
          "Most HTTP/1.1 connections that are kept to pods without a request, over all pods; 0: no limit."
              + " Default: MAX_IDLE_PROXY_CONNS, else 0.")
  int idleConnections;

  @Option(
      names = "--idle-connections-per-pod",
      paramLabel = "N",
      defaultValue = "${env:MAX_IDLE_PROXY_CONNS_PER_HOST:-0}",
      description =
          "The same to one pod; 0: no limit. Default: MAX_IDLE_PROXY_CONNS_PER_HOST, else 0.")
  int idleConnectionsPerPod;

  @Option(
      names = "--discipline",
      paramLabel = "NAME",
      defaultValue = "price-times-wait",
      description = "Who goes next: price-times-wait, or strict-price. Default: ${DEFAULT-VALUE}.")
  String discipline = "price-times-wait";

  @Option(
      names = "--queue-per-class",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Most requests of one class that wait. Default: ${DEFAULT-VALUE}.")
  int queuePerClass;

  @Option(
      names = "--queue-total",
      paramLabel = "N",
      defaultValue = "20000",
      description = "Most requests that wait, over all classes. Default: ${DEFAULT-VALUE}.")
  int queueTotal;

  @Option(
      names = "--max-wait",
      paramLabel = "DURATION",
      defaultValue = "PT0S",
      description =
          "How long a request may wait for a pod, such as PT30S; PT0S: as long as its function's timeout."
              + " Default: ${DEFAULT-VALUE}.")
  Duration maxWait = Duration.ZERO;

  @Option(
      names = "--node-concurrency",
      paramLabel = "N",
      defaultValue = "64",
      description =
          "How many requests a node runs at once for each of its CPUs, over all functions; 0: no limit."
              + " Default: ${DEFAULT-VALUE}.")
  int nodeConcurrency;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many activators share the nodes. Default: ${DEFAULT-VALUE}.")
  int replicas;

  @Option(
      names = "--token-keys",
      paramLabel = "FILE",
      description =
          "Keys that prove the class of a caller, one to a line in Base64; the first signs, all are accepted. The"
              + " same for all activators. Default: a key of its own, which no other replica accepts.")
  @Nullable Path tokenKeys;

  @Option(
      names = "--operator",
      paramLabel = "HOST:PORT",
      description =
          "Where the operator is, to be told which pods run a dearer invocation; every address that HOST stands for is a replica."
              + " May be given several times. Without --operator-ca only loopback addresses are allowed."
              + " Default: none, pods then stay in their own class.")
  List<String> operators = new ArrayList<>();

  @Option(
      names = "--operator-ca",
      paramLabel = "FILE",
      description =
          "PEM file with the certificate authorities to know the operator by. Default: no TLS.")
  @Nullable Path operatorCa;

  @Option(
      names = "--operator-token",
      paramLabel = "FILE",
      description =
          "Service account token for the audience fareway-activator, bound to this pod, by which the operator knows it."
              + " Default: none is sent.")
  @Nullable Path operatorToken;

  @Option(
      names = "--drain-delay",
      paramLabel = "DURATION",
      defaultValue = "PT45S",
      description =
          "How long to go on taking requests after SIGTERM, until no one sends any. Default: ${DEFAULT-VALUE}.")
  Duration drainDelay = Duration.ofSeconds(45);

  @Option(
      names = "--drain-limit",
      paramLabel = "DURATION",
      defaultValue = "PT9M",
      description = "How long after that requests may take to end. Default: ${DEFAULT-VALUE}.")
  Duration drainLimit = Duration.ofMinutes(9);

  /** What functions are. */
  enum Functions {
    Knative,
    Services
  }

  /**
   * Refuses what can't work.
   *
   * @throws IllegalArgumentException naming the option, its value and what to write
   */
  void check() {
    for (Map.Entry<String, Integer> port :
        Map.of(
                "--http-port",
                httpPort,
                "--h2c-port",
                h2cPort,
                "--https-port",
                httpsPort,
                "--metrics-port",
                metricsPort,
                "--profile-port",
                profilePort)
            .entrySet()) {
      if (port.getValue() < 0 || port.getValue() > 65_535) {
        throw wrong(port.getKey(), port.getValue(), "write a port from 0 to 65535");
      }
    }
    for (Map.Entry<String, Integer> count :
        Map.of(
                "--connections-per-pod",
                connectionsPerPod,
                "--queue-per-class",
                queuePerClass,
                "--queue-total",
                queueTotal,
                "--replicas",
                replicas)
            .entrySet()) {
      if (count.getValue() < 1) {
        throw wrong(count.getKey(), count.getValue(), "write 1 or more");
      }
    }
    for (Map.Entry<String, Integer> bound :
        Map.of(
                "--node-concurrency",
                nodeConcurrency,
                "--idle-connections",
                idleConnections,
                "--idle-connections-per-pod",
                idleConnectionsPerPod)
            .entrySet()) {
      if (bound.getValue() < 0) {
        throw wrong(bound.getKey(), bound.getValue(), "write 0 or more");
      }
    }
    if (autoscaler != null && !autoscaler.matches(".+:[0-9]{1,5}")) {
      throw wrong("--autoscaler", autoscaler, "write HOST:PORT");
    }
    var _ = queueDiscipline();
    var _ = probeTimeout();
    var _ = probeFrequency();
    var _ = operatorAccess();
    var _ = tls();
  }

  private QueueDiscipline queueDiscipline() {
    return switch (discipline) {
      case "price-times-wait" -> QueueDiscipline.PRICE_TIMES_WAIT;
      case "strict-price" -> QueueDiscipline.STRICT_PRICE;
      default -> throw wrong("--discipline", discipline, "write price-times-wait or strict-price");
    };
  }

  Duration probeTimeout() {
    return duration("--probe-timeout", probeTimeout);
  }

  Duration probeFrequency() {
    return duration("--probe-frequency", probeFrequency);
  }

  private static Duration duration(String option, String value) {
    try {
      return GoDuration.parse(value);
    } catch (IllegalArgumentException e) {
      throw wrong(option, value, "write a duration such as 300ms");
    }
  }

  private static IllegalArgumentException wrong(String option, Object value, String remedy) {
    return new IllegalArgumentException("%s is '%s': %s.".formatted(option, value, remedy));
  }

  ProxyOptions proxy() {
    ProxyOptions base = ProxyOptions.DEFAULTS;
    return new ProxyOptions(
        new SchedulerLimits(queueDiscipline(), queuePerClass, queueTotal),
        clusterDomain,
        functions == Functions.Knative,
        maxWait,
        base.headerTimeout(),
        base.keepAlive(),
        base.maxHeaderBytes(),
        base.maxConnections(),
        base.connectTimeout(),
        connectionsPerPod,
        idleConnections == 0 ? Integer.MAX_VALUE : idleConnections,
        idleConnectionsPerPod == 0 ? Integer.MAX_VALUE : idleConnectionsPerPod,
        base.tokenLifetime());
  }

  /**
   * How the operator is reached.
   *
   * @throws IllegalArgumentException if it can't be, or would be without TLS
   */
  OperatorAccess operatorAccess() {
    return OperatorAccess.of(operators, operatorCa, operatorToken);
  }

  /**
   * How callers are spoken to by TLS.
   *
   * @throws IllegalArgumentException naming what can't be
   */
  TlsOptions tls() {
    return TlsOptions.parse(tlsMinVersion, tlsMaxVersion, tlsCipherSuites);
  }

  static String version() {
    return Objects.requireNonNullElse(Options.class.getPackage().getImplementationVersion(), "dev");
  }

  NodeLimits nodeLimits() {
    return new NodeLimits(nodeConcurrency, replicas);
  }

  String autoscalerHost() {
    return autoscaler == null
        ? "autoscaler." + systemNamespace + ".svc." + clusterDomain
        : autoscaler.substring(0, autoscaler.lastIndexOf(':'));
  }

  int autoscalerPort() {
    return autoscaler == null
        ? 8080
        : Integer.parseInt(autoscaler, autoscaler.lastIndexOf(':') + 1, autoscaler.length(), 10);
  }
}
