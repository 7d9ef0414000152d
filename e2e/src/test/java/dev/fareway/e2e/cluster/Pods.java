package dev.fareway.e2e.cluster;

import dev.fareway.crds.Fareway;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;

/** Pods to test with. */
public final class Pods {

  public static final String NAMESPACE = "default";

  private Pods() {}

  /** A pod whose only container, {@code main}, runs this shell script. */
  public static Pod shell(String name, String script) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(NAMESPACE)
        .endMetadata()
        .withNewSpec()
        .withSchedulerName(Fareway.SCHEDULER_NAME)
        .withTerminationGracePeriodSeconds(5L)
        .addNewContainer()
        .withName("main")
        .withImage("none")
        .withCommand("/bin/sh", "-c", script)
        .endContainer()
        .endSpec()
        .build();
  }

  /** Binds it as a scheduler does. */
  public static void bind(KubernetesClient client, Pod pod, String node) {
    client.raw(
        "/api/v1/namespaces/%s/pods/%s/binding"
            .formatted(pod.getMetadata().getNamespace(), pod.getMetadata().getName()),
        "POST",
        Map.of(
            "apiVersion",
            "v1",
            "kind",
            "Binding",
            "metadata",
            Map.of(
                "name", pod.getMetadata().getName(),
                "namespace", pod.getMetadata().getNamespace()),
            "target",
            Map.of("apiVersion", "v1", "kind", "Node", "name", node)));
  }

  /** Reads it. */
  public static Pod read(String yaml) {
    return Serialization.unmarshal(yaml, Pod.class);
  }
}
