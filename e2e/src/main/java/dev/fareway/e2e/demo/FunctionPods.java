package dev.fareway.e2e.demo;

import dev.fareway.crds.PriceClass;
import dev.fareway.e2e.function.FunctionServer;
import dev.fareway.e2e.report.Placement;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Deploys the demo's functions to a cluster, as kubectl would, and waits until they serve. */
final class FunctionPods {
  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final Duration REQUEST_BOUND = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(100);

  private final KubernetesClient client;
  private final String namespace;

  FunctionPods(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /**
   * Makes classes and pods.
   *
   * @return the instances, once all are placed and serve
   * @throws DemoFailure naming what is not in time, and why
   */
  List<Instance> deploy(List<DemoFunction> functions) throws IOException, InterruptedException {
    for (DemoFunction function : functions) {
      client.resource(Manifests.priceClass(function.priced())).create();
    }
    awaitRanks(functions);
    List<Pod> made = new ArrayList<>();
    List<DemoFunction> of = new ArrayList<>();
    List<Integer> ports = freePorts(functions.stream().mapToInt(DemoFunction::replicas).sum());
    for (DemoFunction function : functions) {
      for (int i = 1; i <= function.replicas(); i++) {
        Pod pod = Manifests.pod(function, i, ports.get(made.size()), java(), classPath());
        made.add(client.pods().inNamespace(namespace).resource(pod).create());
        of.add(function);
      }
    }
    List<Instance> instances = new ArrayList<>();
    long end = System.nanoTime() + BOUND.toNanos();
    for (int i = 0; i < made.size(); i++) {
      instances.add(instance(of.get(i), awaitReady(made.get(i), end)));
    }
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(REQUEST_BOUND).build()) {
      for (Instance instance : instances) {
        awaitServing(http, instance, end);
      }
    }
    return instances;
  }

  private void awaitRanks(List<DemoFunction> functions) throws InterruptedException {
    long end = System.nanoTime() + BOUND.toNanos();
    for (DemoFunction function : functions) {
      String name = function.priced().priceClass();
      while (!isRanked(client.resources(PriceClass.class).withName(name).get())) {
        if (System.nanoTime() > end) {
          throw new DemoFailure(
              "the operator has not ranked the price class %s within %d seconds."
                  .formatted(name, BOUND.toSeconds()));
        }
        Thread.sleep(POLL.toMillis());
      }
    }
  }

  private static boolean isRanked(PriceClass priceClass) {
    return priceClass.getStatus() != null && priceClass.getStatus().rank() != null;
  }

  private Pod awaitReady(Pod made, long end) throws InterruptedException {
    String name = made.getMetadata().getName();
    while (true) {
      Pod pod = client.pods().inNamespace(namespace).withName(name).get();
      if (pod == null) {
        throw new DemoFailure("the pod %s is gone.".formatted(name));
      }
      if (hasCondition(pod, "Ready", "True")) {
        return pod;
      }
      if (System.nanoTime() > end || "Failed".equals(pod.getStatus().getPhase())) {
        throw new DemoFailure("the pod %s does not serve: %s".formatted(name, state(pod)));
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  /** A node that doesn't know readiness probes calls a pod ready that doesn't listen yet. */
  private static void awaitServing(HttpClient http, Instance instance, long end)
      throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(instance.uri().resolve("/healthz")).timeout(REQUEST_BOUND).build();
    while (true) {
      try {
        if (http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // Not yet.
      }
      if (System.nanoTime() > end) {
        throw new DemoFailure(
            "the pod %s runs but does not answer at %s."
                .formatted(instance.placement().pod(), instance.uri()));
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  private static boolean hasCondition(Pod pod, String type, String status) {
    return pod.getStatus() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(
                condition ->
                    condition.getType().equals(type) && condition.getStatus().equals(status));
  }

  private static String state(Pod pod) {
    List<String> said = new ArrayList<>();
    said.add("phase " + pod.getStatus().getPhase());
    for (PodCondition condition : pod.getStatus().getConditions()) {
      if (!condition.getStatus().equals("True")) {
        said.add(
            "%s is %s: %s"
                .formatted(
                    condition.getType(),
                    condition.getStatus(),
                    Objects.requireNonNullElse(condition.getMessage(), "no message")));
      }
    }
    if (pod.getStatus().getMessage() != null) {
      said.add(pod.getStatus().getMessage());
    }
    return String.join("; ", said) + ".";
  }

  private static Instance instance(DemoFunction function, Pod pod) {
    int port = pod.getSpec().getContainers().getFirst().getPorts().getFirst().getContainerPort();
    return new Instance(
        new Placement(
            pod.getMetadata().getName(),
            function.priced().function(),
            function.priced().priceClass(),
            pod.getSpec().getNodeName()),
        URI.create("http://" + pod.getStatus().getPodIP() + ":" + port));
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static String classPath() {
    try {
      return Path.of(
              FunctionServer.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("classes come from files", e);
    }
  }

  /** All are held until all are found, so that they differ. */
  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }
}
