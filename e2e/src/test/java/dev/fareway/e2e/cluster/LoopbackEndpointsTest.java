package dev.fareway.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassSpec;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoopbackEndpointsTest {
  @Test
  void standIn_tellsOfThePodsThatThereAre_andOfClassesAndNodes() {
    try (var server = new MockApiServer("", false)) {
      server.start();
      try (KubernetesClient cluster =
          new KubernetesClientBuilder().withConfig(server.clientConfig()).build()) {
        var priceClass = new PriceClass();
        priceClass.getMetadata().setName("interactive");
        priceClass.setSpec(PriceClassSpec.ofPrice("2u"));
        cluster.resource(priceClass).create();
        var node =
            new NodeBuilder()
                .withNewMetadata()
                .withName("here")
                .endMetadata()
                .withNewStatus()
                .addToAllocatable("cpu", new Quantity("2"))
                .endStatus()
                .build();
        cluster.resource(node).create();
        cluster.resource(node).updateStatus();
        Pod pod =
            cluster
                .resource(
                    new PodBuilder()
                        .withNewMetadata()
                        .withName("home-page")
                        .withNamespace("default")
                        .addToLabels(Fareway.PRICE_CLASS, "interactive")
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName("here")
                        .endSpec()
                        .build())
                .create();

        try (var standIn = new LoopbackEndpoints(cluster)) {
          standIn.add(pod, "home-page", 4711);

          KubernetesClient told = standIn.client();
          Pod copy = told.pods().inNamespace("default").withName("home-page").get();
          assertEquals(pod.getMetadata().getUid(), copy.getMetadata().getUid());
          assertEquals(pod.getMetadata().getLabels(), copy.getMetadata().getLabels());
          EndpointSlice slice =
              told.resources(EndpointSlice.class)
                  .inNamespace("default")
                  .list()
                  .getItems()
                  .getFirst();
          assertEquals(
              pod.getMetadata().getUid(), slice.getEndpoints().getFirst().getTargetRef().getUid());
          assertEquals(4711, slice.getPorts().getFirst().getPort());
          assertEquals(
              List.of("interactive"),
              told.resources(PriceClass.class).list().getItems().stream()
                  .map(each -> each.getMetadata().getName())
                  .toList());
          assertEquals(
              Map.of("cpu", new Quantity("2")),
              told.nodes().withName("here").get().getStatus().getAllocatable());
        }
      }
    }
  }
}
