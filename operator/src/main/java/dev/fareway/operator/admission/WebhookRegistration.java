package dev.fareway.operator.admission;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/** Tells the API server by which authority it knows the webhook. */
final class WebhookRegistration {
  private static final Logger LOG = Logger.getLogger(WebhookRegistration.class);

  private final KubernetesClient client;

  WebhookRegistration(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Trusts these authorities, as PEM, in all webhooks of a MutatingWebhookConfiguration that don't
   * yet. What fails is logged: pods then pass as they are.
   */
  void trust(String name, String authorities) {
    if (authorities.isEmpty()) {
      return;
    }
    String bundle = Base64.getEncoder().encodeToString(authorities.getBytes(UTF_8));
    var configuration =
        client.admissionRegistration().v1().mutatingWebhookConfigurations().withName(name);
    try {
      MutatingWebhookConfiguration now = configuration.get();
      if (now == null) {
        LOG.warnf(
            "There is no MutatingWebhookConfiguration %s (fareway.webhook.configuration): functions are not priced as they"
                + " are created",
            name);
        return;
      }
      List<MutatingWebhook> webhooks = now.getWebhooks();
      // A JSON patch of what differs, and a test that the order is still the same.
      String steps =
          IntStream.range(0, webhooks.size())
              .filter(i -> !bundle.equals(webhooks.get(i).getClientConfig().getCaBundle()))
              .mapToObj(
                  i ->
                      """
                      {"op":"test","path":"/webhooks/%1$d/name","value":"%2$s"},
                      {"op":"add","path":"/webhooks/%1$d/clientConfig/caBundle","value":"%3$s"}"""
                          .formatted(i, webhooks.get(i).getName(), bundle))
              .reduce((a, b) -> a + "," + b)
              .orElse("");
      if (!steps.isEmpty()) {
        configuration.patch(
            io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                io.fabric8.kubernetes.client.dsl.base.PatchType.JSON),
            "[" + steps + "]");
      }
    } catch (KubernetesClientException e) {
      LOG.warnf(
          "MutatingWebhookConfiguration %s could not be told the operator's authority: %s",
          name, e.getMessage());
    }
  }
}
