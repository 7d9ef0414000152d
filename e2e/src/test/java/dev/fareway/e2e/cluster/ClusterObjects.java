package dev.fareway.e2e.cluster;

import dev.fareway.crds.PriceClass;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;

/** What tests put into a cluster before they begin. */
final class ClusterObjects {
  private ClusterObjects() {}

  static void priceClass(KubernetesClient client, String name, String pricePerCpuSecond) {
    client
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: fareway.dev/v1alpha1
                kind: PriceClass
                metadata: {name: %s}
                spec: {pricePerCpuSecond: %s}
                """
                    .formatted(name, pricePerCpuSecond),
                PriceClass.class))
        .create();
  }

  /** A node that is ready, with 8 CPUs and 8 GiB; no kubelet takes the taint of a new one away. */
  static void readyNode(KubernetesClient client, String name, int pods) {
    client
        .resource(new NodeBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
    client
        .nodes()
        .withName(name)
        .editStatus(
            now -> {
              now.getStatus()
                  .setAllocatable(
                      Map.of(
                          "cpu", new Quantity("8"),
                          "memory", new Quantity("8Gi"),
                          "pods", new Quantity(String.valueOf(pods))));
              now.getStatus()
                  .setConditions(
                      List.of(
                          new NodeConditionBuilder().withType("Ready").withStatus("True").build()));
              return now;
            });
    client
        .nodes()
        .withName(name)
        .edit(
            now -> {
              now.getSpec().setTaints(List.of());
              return now;
            });
  }
}
