package dev.fareway.activator.conformance;

import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.kubernetes.Revision;
import dev.fareway.crds.Budget;
import dev.fareway.crds.PriceClass;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.EndpointAddressBuilder;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** An API server in this process, with the objects that Knative's controllers would write. */
final class StandInCluster {
  private static final Logger REQUESTS = Logger.getLogger(MockWebServer.class.getName());
  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(),
          new MockWebServer(),
          new HashMap<>(),
          new KubernetesCrudDispatcher(),
          false);
  private final Path kubeconfig;
  final KubernetesClient client;

  StandInCluster(Path folder) throws Exception {
    REQUESTS.setLevel(Level.WARNING);
    server.start(InetAddress.getLoopbackAddress(), 0);
    client = server.createClient();
    kubeconfig =
        Files.writeString(
            folder.resolve("kubeconfig"),
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: "http://127.0.0.1:%d/"}}]
            users: [{name: u, user: {}}]
            contexts: [{name: c, context: {cluster: c, user: u, namespace: default}}]
            current-context: c
            """
                .formatted(server.getPort()));
  }

  String kubeconfig() {
    return kubeconfig.toString();
  }

  void priceClass(String name, String price, boolean isDefault) {
    client
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: fareway.dev/v1alpha1
                kind: PriceClass
                metadata: {name: %s}
                spec: {pricePerCpuSecond: %s, default: %s}
                """
                    .formatted(name, price, isDefault),
                PriceClass.class))
        .create();
  }

  /** A revision as Knative writes it; the spec's lines are YAML in flow style. */
  void revision(String name, String annotations, String spec) {
    client
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: serving.knative.dev/v1
                kind: Revision
                metadata:
                  name: %s
                  namespace: ns
                  labels: {serving.knative.dev/service: %s, serving.knative.dev/configuration: %s}
                  annotations: {%s}
                spec: {%s}
                """
                    .formatted(name, name, name, annotations, spec),
                Revision.class))
        .createOr(existing -> existing.update());
  }

  /** Knative's config-network, with one key. */
  void network(String key, String value) {
    config("config-network", key, value);
  }

  /** A ConfigMap of Knative's, with one key. */
  void config(String name, String key, String value) {
    client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("knative-serving")
                .endMetadata()
                .addToData(key, value)
                .build())
        .createOr(existing -> existing.update());
  }

  /** The Secret that Knative keeps the activator's certificate in. */
  void certificate(String authority, String certificate, String key) {
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("routing-serving-certs")
                .withNamespace("knative-serving")
                .endMetadata()
                .addToData("ca.crt", base64(authority))
                .addToData("tls.crt", base64(certificate))
                .addToData("tls.key", base64(key))
                .build())
        .createOr(existing -> existing.update());
  }

  void deleteCertificate() {
    client.secrets().inNamespace("knative-serving").withName("routing-serving-certs").delete();
  }

  /** Further authorities, as Knative is told of them. */
  void trustBundle(String name, String authorities) {
    client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("knative-serving")
                .addToLabels("networking.knative.dev/trust-bundle", "true")
                .endMetadata()
                .addToData("cas.pem", authorities)
                .build())
        .createOr(existing -> existing.update());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** A budget, with what the operator says of it: what is in force, None or Throttle. */
  void budget(String name, String selector, String action) {
    client
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: fareway.dev/v1alpha1
                kind: Budget
                metadata: {name: %s, namespace: ns}
                spec: {monthlyLimit: "50", selector: {matchLabels: {%s}}}
                status: {state: Exhausted, action: %s}
                """
                    .formatted(name, selector, action),
                Budget.class))
        .createOr(existing -> existing.update());
  }

  void deleteRevision(String name) {
    client.resources(Revision.class).inNamespace("ns").withName(name).delete();
  }

  /** The endpoints of a revision's private Service. */
  void pods(String revision, List<StandInPod> ready, List<StandInPod> notReady) {
    // Each pod of these tests has a port of its own, so each has a subset of its own.
    var endpoints =
        new EndpointsBuilder()
            .withNewMetadata()
            .withName(revision + "-private")
            .withNamespace("ns")
            .addToLabels("serving.knative.dev/revision", revision)
            .addToLabels("networking.internal.knative.dev/serviceType", "Private")
            .endMetadata();
    var all = new ArrayList<>(ready);
    all.addAll(notReady);
    for (StandInPod pod : all) {
      var address =
          new EndpointAddressBuilder()
              .withIp(pod.address().host())
              .withNodeName(pod.address().node())
              .withNewTargetRef()
              .withKind("Pod")
              .withUid(pod.address().uid())
              .endTargetRef()
              .build();
      var subset =
          endpoints
              .addNewSubset()
              .addNewPort()
              .withName("http")
              .withPort(pod.address().port())
              .endPort();
      if (pod.securePort() != 0) {
        subset.addNewPort().withName("https").withPort(pod.securePort()).endPort();
      }
      (ready.contains(pod) ? subset.withAddresses(address) : subset.withNotReadyAddresses(address))
          .endSubset();
    }
    client.resource(endpoints.build()).createOr(existing -> existing.update());
  }

  /** The endpoints of a revision's private Service, with one pod that is not of ours. */
  void pod(String revision, String host, int port) {
    pod(revision, host, port, 8112);
  }

  /** The same with another port for TLS than the usual one. */
  void pod(String revision, String host, int port, int securePort) {
    client
        .resource(
            new EndpointsBuilder()
                .withNewMetadata()
                .withName(revision + "-private")
                .withNamespace("ns")
                .addToLabels("serving.knative.dev/revision", revision)
                .addToLabels("networking.internal.knative.dev/serviceType", "Private")
                .endMetadata()
                .addNewSubset()
                .addNewAddress()
                .withIp(host)
                .endAddress()
                .addNewPort()
                .withName("http")
                .withPort(port)
                .endPort()
                .addNewPort()
                .withName("https")
                .withPort(securePort)
                .endPort()
                .endSubset()
                .build())
        .create();
  }

  /** A revision's private Service, at this address. */
  void service(String revision, PodAddress address) {
    client
        .resource(
            new ServiceBuilder()
                .withNewMetadata()
                .withName(revision + "-private")
                .withNamespace("ns")
                .addToLabels("serving.knative.dev/revision", revision)
                .addToLabels("networking.internal.knative.dev/serviceType", "Private")
                .endMetadata()
                .withNewSpec()
                .withClusterIP(address.host())
                .addNewPort()
                .withName("http")
                .withPort(address.port())
                .endPort()
                .endSpec()
                .build())
        .create();
  }

  /** The endpoints of a revision's public Service: the activators that serve it. */
  void activators(String revision, String... addresses) {
    var endpoints =
        new EndpointsBuilder()
            .withNewMetadata()
            .withName(revision)
            .withNamespace("ns")
            .addToLabels("serving.knative.dev/revision", revision)
            .addToLabels("networking.internal.knative.dev/serviceType", "Public")
            .endMetadata()
            .addNewSubset()
            .withAddresses(
                List.of(addresses).stream()
                    .map(ip -> new EndpointAddressBuilder().withIp(ip).build())
                    .toList())
            .endSubset()
            .build();
    client.resource(endpoints).createOr(existing -> existing.update());
  }

  void close() {
    client.close();
    server.shutdown();
  }
}
