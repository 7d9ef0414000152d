package dev.fareway.e2e.cluster;

import static dev.fareway.e2e.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.marcnuri.helm.Helm;
import dev.fareway.crds.Fareway;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may say what budgets have in force, by the chart's policy on a real API server. */
@NeedsRealApiServer
final class BudgetPolicyOnRealApiServerTest {
  private static final Path CHART = Path.of("../helm/fareway").toAbsolutePath().normalize();
  private static final String OPERATOR = "system:serviceaccount:fareway-system:fareway-operator";

  private @Nullable LocalCluster cluster;

  @AfterEach
  void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private KubernetesClient as(String user) {
    return new KubernetesClientBuilder()
        .withConfig(
            new ConfigBuilder(Objects.requireNonNull(cluster).client().getConfiguration())
                .withImpersonateUsername(user)
                .withImpersonateGroups("system:masters")
                .build())
        .build();
  }

  private static void annotate(KubernetesClient client, Pod pod, String key, String value) {
    client
        .resource(pod)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\":{\"annotations\":{\"%s\":%s}}}".formatted(key, value));
  }

  @Test
  void onlyTheOperator_changesTheAnnotationOfBudgets(@TempDir Path folder) throws Exception {
    cluster =
        LocalCluster.start(
            LocalClusterOptions.in(folder).withApiServer(ApiServerKind.REAL).withShards(1));
    KubernetesClient client = cluster.client();
    String chart =
        new Helm(CHART)
            .template()
            .withName("fareway")
            .withNamespace("fareway-system")
            .withKubeVersion("1.36.0")
            .call();
    List<HasMetadata> policy =
        client
            .load(new ByteArrayInputStream(chart.getBytes(StandardCharsets.UTF_8)))
            .items()
            .stream()
            .filter(of -> of.getKind().startsWith("ValidatingAdmissionPolicy"))
            .toList();
    assertEquals(2, policy.size());
    policy.forEach(of -> client.resource(of).create());
    Pod pod = client.resource(Pods.shell("cart", "exec sleep 1")).create();

    try (KubernetesClient owner = as("alice");
        KubernetesClient operator = as(OPERATOR)) {
      // A policy is in force a moment after it is stored.
      eventually("the policy is in force", () -> refuses(owner, pod));
      annotate(operator, pod, Fareway.BUDGET, "\"Throttle=1m\"");
      var refused =
          assertThrows(
              KubernetesClientException.class, () -> annotate(owner, pod, Fareway.BUDGET, "null"));
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("spec.monthlyLimit"), message);
      annotate(owner, pod, "note", "\"mine\"");
      assertEquals(
          "Throttle=1m",
          Objects.requireNonNull(client.resource(pod).get())
              .getMetadata()
              .getAnnotations()
              .get(Fareway.BUDGET));
      annotate(operator, pod, Fareway.BUDGET, "null");
    }
  }

  private static boolean refuses(KubernetesClient owner, Pod pod) {
    try {
      annotate(owner, pod, Fareway.BUDGET, "\"Degrade=batch\"");
      annotate(owner, pod, Fareway.BUDGET, "null");
      return false;
    } catch (KubernetesClientException e) {
      return String.valueOf(e.getMessage()).contains(Fareway.BUDGET);
    }
  }
}
