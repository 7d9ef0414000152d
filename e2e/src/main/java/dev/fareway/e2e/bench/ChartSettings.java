package dev.fareway.e2e.bench;

import dev.fareway.e2e.cluster.LocalCluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.HashMap;
import java.util.Map;

/** An operator set up as the chart does it: with its own certificates and the webhook. */
final class ChartSettings {
  private static final String WEBHOOK = "fareway-webhook";

  private ChartSettings() {}

  /**
   * The operator's environment.
   *
   * @param webhookPort where the API server will ask it
   */
  static Map<String, String> environment(int webhookPort) {
    return new HashMap<>(
        Map.of(
            "FAREWAY_CERTIFICATES_NAMES",
            "localhost,fareway-operator.%1$s.svc,%2$s.%1$s.svc"
                .formatted(LocalCluster.NAMESPACE, WEBHOOK),
            "FAREWAY_WEBHOOK_PORT",
            String.valueOf(webhookPort),
            "FAREWAY_WEBHOOK_CONFIGURATION",
            WEBHOOK,
            "FAREWAY_WEBHOOK_EXEMPT_NAMESPACES",
            "kube-system," + LocalCluster.NAMESPACE,
            "FAREWAY_DISPATCHER_SERVICE_ACCOUNT",
            "fareway-node-daemon"));
  }

  /** Has the API server ask the webhook about each new pod. */
  static void register(KubernetesClient client, int webhookPort) {
    client
        .resource(
            """
            apiVersion: admissionregistration.k8s.io/v1
            kind: MutatingWebhookConfiguration
            metadata: {name: %s}
            webhooks:
            - name: pods.fareway.dev
              admissionReviewVersions: [v1]
              sideEffects: None
              failurePolicy: Ignore
              timeoutSeconds: 5
              clientConfig: {url: "https://localhost:%d/admit"}
              rules:
              - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
            """
                .formatted(WEBHOOK, webhookPort))
        .create();
  }
}
