package dev.fareway.operator.health;

import dev.fareway.operator.admission.Webhook;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once admission can judge, where it is asked to. */
@Readiness
public class WebhookReady implements HealthCheck {
  private final Webhook webhook;

  WebhookReady(Webhook webhook) {
    this.webhook = webhook;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("admission").status(webhook.isReady()).build();
  }
}
