package dev.fareway.e2e.cluster;

import dev.fareway.crds.PriceClass;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;

/**
 * What an activator asks the API server for, from a stand-in: kube-apiserver takes no endpoints on
 * loopback addresses, and that is where a local cluster's pods are. Price classes and nodes are
 * those of the cluster as they are when this is made, a function's pods as they are when it is told
 * of.
 */
final class LoopbackEndpoints implements AutoCloseable {
  private final KubernetesClient cluster;
  private final MockApiServer server = MockApiServer.forCopies();
  private final KubernetesClient client;

  LoopbackEndpoints(KubernetesClient cluster) {
    this.cluster = cluster;
    server.start();
    this.client = new KubernetesClientBuilder().withConfig(server.clientConfig()).build();
    cluster.resources(PriceClass.class).list().getItems().forEach(this::copy);
    cluster.nodes().list().getItems().forEach(this::copy);
  }

  /** A pod of this machine serves a function on a loopback port. */
  void add(Pod pod, String service, int port) {
    copy(pod);
    client.resource(ServiceEndpoints.of(pod, service, port)).create();
  }

  private void copy(HasMetadata resource) {
    HasMetadata copy = cluster.getKubernetesSerialization().clone(resource);
    copy.getMetadata().setResourceVersion(null);
    copy.getMetadata().setManagedFields(null);
    client.resource(copy).create();
    if (copy instanceof Node) {
      // How many CPUs it has.
      client.resource(copy).updateStatus();
    }
  }

  /** By which an activator reaches it. */
  String kubeconfig() {
    return server.kubeconfig();
  }

  /** For tests: what is in it. */
  KubernetesClient client() {
    return client;
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
