package dev.fareway.e2e.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;

/** What Kubernetes' own controller would write of a Service; a local cluster has none. */
public final class ServiceEndpoints {
  private ServiceEndpoints() {}

  /** What Kubernetes writes of a Service with one pod of this machine. */
  public static EndpointSlice of(Pod pod, String service, int port) {
    return new EndpointSliceBuilder()
        .withNewMetadata()
        .withName(pod.getMetadata().getName())
        .withNamespace(pod.getMetadata().getNamespace())
        .addToLabels("kubernetes.io/service-name", service)
        .endMetadata()
        .withAddressType("IPv4")
        .addNewEndpoint()
        .withAddresses("127.0.0.1")
        .withNodeName(pod.getSpec().getNodeName())
        .withNewConditions()
        .withReady(true)
        .endConditions()
        .withNewTargetRef()
        .withKind("Pod")
        .withName(pod.getMetadata().getName())
        .withNamespace(pod.getMetadata().getNamespace())
        .withUid(pod.getMetadata().getUid())
        .endTargetRef()
        .endEndpoint()
        .addNewPort()
        .withName("http")
        .withPort(port)
        .endPort()
        .build();
  }

  /** The host by which callers know a Service of the namespace default. */
  public static String hostOf(String function) {
    return function + ".default.svc.cluster.local";
  }
}
