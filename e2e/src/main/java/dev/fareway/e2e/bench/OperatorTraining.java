package dev.fareway.e2e.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fareway.crds.Fareway;
import dev.fareway.e2e.cluster.ApiServerKind;
import dev.fareway.e2e.cluster.FreePorts;
import dev.fareway.e2e.cluster.LocalCluster;
import dev.fareway.e2e.cluster.LocalClusterOptions;
import dev.fareway.e2e.cluster.OperatorFlags;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A short life of the packaged operator before a mock API server, in which most is used once that a
 * real life uses: what the JDK records of it becomes the operator's ahead-of-time cache (JEP 483,
 * 514). With TLS on all sides and set up as by the chart, as in a cluster.
 */
public final class OperatorTraining {
  private static final int PODS = 40;
  private static final long PATIENCE_SECONDS = 30;

  private OperatorTraining() {}

  /**
   * Lives it.
   *
   * @param args the file for what is recorded, from which the JDK makes a cache or an archive, and
   *     the flags by which the operator's Java records it
   */
  public static void main(String[] args) throws Exception {
    Logger.getLogger("").setLevel(Level.SEVERE);
    Path record = Path.of(args[0]).toAbsolutePath();
    Path folder = Files.createTempDirectory("fareway-training-");
    int webhook = FreePorts.find(1).getFirst();
    LocalClusterOptions options =
        LocalClusterOptions.in(folder)
            .withApiServer(ApiServerKind.MOCK)
            .withTls()
            .withOperatorSettings(ChartSettings.environment(webhook));
    var flags = new ArrayList<>(OperatorFlags.withoutCache(options.home()));
    flags.addAll(List.of(args).subList(1, args.length));
    try (LocalCluster cluster = LocalCluster.start(options.withOperatorJvm(flags))) {
      ChartSettings.register(cluster.client(), webhook);
      cluster.startOperator();
      live(cluster);
      admit(cluster.client(), webhook);
      // Not the cluster's end, which gives it less time than the recording may need.
      cluster.stopOperator();
    } finally {
      delete(folder);
    }
    if (!Files.exists(record)) {
      throw new IOException("the operator has recorded nothing in " + record);
    }
  }

  private static void live(LocalCluster cluster) throws Exception {
    KubernetesClient client = cluster.client();
    for (String each : List.of("dear 2u", "cheap 1u")) {
      String[] of = each.split(" ", -1);
      create(
          client,
          """
          apiVersion: fareway.dev/v1alpha1
          kind: PriceClass
          metadata: {name: %s}
          spec: {pricePerCpuSecond: %s}
          """
              .formatted(of[0], of[1]));
    }
    create(
        client,
        """
        apiVersion: fareway.dev/v1alpha1
        kind: Budget
        metadata: {name: all, namespace: default}
        spec: {monthlyLimit: "50"}
        """);
    for (int i = 0; i < 4; i++) {
      create(
          client,
          """
          apiVersion: v1
          kind: Node
          metadata: {name: node-%d, labels: {kubernetes.io/hostname: node-%d}}
          spec: {}
          status:
            capacity: {cpu: "8", memory: 32Gi, pods: "110"}
            allocatable: {cpu: "8", memory: 32Gi, pods: "110"}
            conditions: [{type: Ready, status: "True"}]
          """
              .formatted(i, i));
    }
    for (int i = 0; i < PODS; i++) {
      create(
          client,
          """
          apiVersion: v1
          kind: Pod
          metadata:
            name: pod-%d
            namespace: default
            annotations: {%s: %s}
            labels: {app: a}
          spec:
            schedulerName: fareway
            tolerations: [{key: a, operator: Exists}]
            containers: [{name: c, image: none, resources: {requests: {cpu: "%s", memory: 64Mi}}}]
          """
              .formatted(
                  i,
                  Fareway.PRICE_CLASS,
                  i % 2 == 0 ? "dear" : "cheap",
                  i % 9 == 8 ? "64" : "100m"));
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (unbound(client) > PODS / 9 && System.nanoTime() - end < 0) {
      TimeUnit.MILLISECONDS.sleep(100);
    }
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (String page : List.of("/q/metrics", "/q/health/ready", "/q/health/live")) {
        var _ =
            http.send(
                HttpRequest.newBuilder(cluster.operatorAddress().resolve(page)).build(),
                BodyHandlers.discarding());
      }
      var _ =
          http.send(
              HttpRequest.newBuilder(cluster.console().resolve("state")).build(),
              BodyHandlers.discarding());
    }
    // Budgets are judged, Leases renewed, housekeeping done.
    TimeUnit.SECONDS.sleep(2);
  }

  /** A pod's creation, as the API server asks about it. */
  private static void admit(KubernetesClient client, int webhook) throws Exception {
    String authorities =
        Objects.requireNonNull(
            client
                .configMaps()
                .inNamespace(LocalCluster.NAMESPACE)
                .withName("fareway-ca")
                .get()
                .getData()
                .get("ca.crt"));
    var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry(
        "operator",
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(authorities.getBytes(UTF_8))));
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    var trusting = SSLContext.getInstance("TLS");
    trusting.init(null, managers.getTrustManagers(), null);
    try (HttpClient http = HttpClient.newBuilder().sslContext(trusting).build()) {
      var _ =
          http.send(
              HttpRequest.newBuilder(URI.create("https://localhost:%d/admit".formatted(webhook)))
                  .POST(
                      BodyPublishers.ofString(
                          """
                          {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
                            "uid": "1", "kind": {"group": "", "version": "v1", "kind": "Pod"},
                            "resource": {"group": "", "version": "v1", "resource": "pods"},
                            "namespace": "default", "operation": "CREATE", "dryRun": true,
                            "object": {"apiVersion": "v1", "kind": "Pod",
                              "metadata": {"name": "p", "annotations": {"%s": "dear"}},
                              "spec": {"containers": [{"name": "c", "image": "none"}]}}}}
                          """
                              .formatted(Fareway.PRICE_CLASS)))
                  .build(),
              BodyHandlers.discarding());
    }
  }

  private static long unbound(KubernetesClient client) {
    return client.pods().inNamespace("default").list().getItems().stream()
        .filter(pod -> pod.getSpec().getNodeName() == null)
        .count();
  }

  private static void create(KubernetesClient client, String yaml) {
    client.resource(yaml).create();
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
