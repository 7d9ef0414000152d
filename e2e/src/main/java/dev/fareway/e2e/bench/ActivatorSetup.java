package dev.fareway.e2e.bench;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassSpec;
import dev.fareway.e2e.cluster.ApiServerKind;
import dev.fareway.e2e.cluster.LocalCluster;
import dev.fareway.e2e.cluster.LocalClusterOptions;
import dev.fareway.e2e.cluster.ServiceEndpoints;
import dev.fareway.e2e.demo.WorkFolder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * An API server in process with one node and functions on it, and the packaged activator on the
 * first core; gone when it is closed.
 */
final class ActivatorSetup implements AutoCloseable {
  static final String DEAR = "dear";
  static final String CHEAP = "cheap";
  static final String NODE = "bench-node";
  static final List<String> FIRST_CORE = List.of("taskset", "-c", "0");
  static final List<String> SECOND_CORE = List.of("taskset", "-c", "1");
  private static final String NAMESPACE = "default";

  private final WorkFolder work;
  private final LocalCluster cluster;

  private ActivatorSetup(WorkFolder work, LocalCluster cluster) {
    this.work = work;
    this.cluster = cluster;
  }

  /** Starts the API server, and makes a node of one CPU and two classes. */
  static ActivatorSetup start(String dearPrice, String cheapPrice) throws IOException {
    WorkFolder work = WorkFolder.create("fareway-bench-");
    LocalCluster cluster =
        LocalCluster.start(LocalClusterOptions.in(work.path()).withApiServer(ApiServerKind.MOCK));
    var setup = new ActivatorSetup(work, cluster);
    try {
      KubernetesClient client = cluster.client();
      client
          .resource(
              new NodeBuilder()
                  .withNewMetadata()
                  .withName(NODE)
                  .endMetadata()
                  .withNewStatus()
                  .withAllocatable(Map.of("cpu", new Quantity("1")))
                  .endStatus()
                  .build())
          .create();
      setup.priceClass(DEAR, dearPrice);
      setup.priceClass(CHEAP, cheapPrice);
      return setup;
    } catch (RuntimeException e) {
      setup.close();
      throw e;
    }
  }

  Path work() {
    return work.path();
  }

  private void priceClass(String name, String price) {
    var priceClass = new PriceClass();
    priceClass.getMetadata().setName(name);
    priceClass.setSpec(PriceClassSpec.ofPrice(price));
    cluster.client().resource(priceClass).create();
  }

  /** Makes a function of one pod that listens on this port, with these annotations more. */
  void function(String name, String priceClass, int port, Map<String, String> annotations) {
    KubernetesClient client = cluster.client();
    Pod pod =
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
                    .withNodeName(NODE)
                    .addNewContainer()
                    .withName("function")
                    .withImage("none")
                    .endContainer()
                    .endSpec()
                    .build())
            .create();
    client.resource(ServiceEndpoints.of(pod, name, port)).create();
  }

  /** Starts the activator with these options; again after {@link #stopActivator}. */
  URI startActivator(String... settings) throws IOException, InterruptedException {
    cluster.startActivator(FIRST_CORE, List.of(settings));
    return cluster.activatorAddress().orElseThrow();
  }

  void stopActivator() {
    cluster.stopActivator();
  }

  long activatorPid() {
    return cluster.activatorProcess().orElseThrow().pid();
  }

  /** A metric of the activator's; 0 if there is none. */
  double metric(String name) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(cluster.activatorMetrics().orElseThrow().resolve("/metrics"))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
          .findFirst()
          .orElse(0);
    }
  }

  /** Waits until this answers. */
  static void awaitAnswer(URI uri, String host) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    try (var client = HttpClient.newHttpClient()) {
      while (true) {
        try {
          var request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5));
          if (!host.isEmpty()) {
            request.header("Host", host);
          }
          if (client.send(request.build(), BodyHandlers.discarding()).statusCode() == 200) {
            return;
          }
        } catch (IOException e) {
          if (System.nanoTime() > end) {
            throw e;
          }
        }
        if (System.nanoTime() > end) {
          throw new IOException("%s (%s) does not answer with 200".formatted(uri, host));
        }
        Thread.sleep(50);
      }
    }
  }

  @Override
  public void close() throws IOException {
    cluster.close();
    work.close();
  }
}
