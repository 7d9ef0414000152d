package dev.fareway.operator.admission;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fareway.operator.OperatorConfig;
import dev.fareway.operator.certificates.Certificates;
import dev.fareway.operator.port.HttpPort;
import dev.fareway.operator.shard.VolumeClaims;
import dev.fareway.scheduler.kubernetes.BeyondJudgement;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The admission webhook's port: HTTPS, one path, for the API server. */
@Singleton
public class Webhook {
  private static final Logger LOG = Logger.getLogger(Webhook.class);
  static final String PATH = "/admit";

  /** More than the largest object that an API server takes, twice: before and after. */
  private static final int BODY_LIMIT_BYTES = 8 << 20;

  private final OperatorConfig.Webhook config;
  private final Vertx vertx;
  private final Certificates certificates;
  private final WebhookRegistration registration;
  private final AdmissionCache cache;
  private final VolumeClaims volumes;
  private final AdmissionReviews reviews;
  private final MeterRegistry metrics;
  private @Nullable HttpPort port;

  Webhook(
      OperatorConfig config,
      Vertx vertx,
      Certificates certificates,
      KubernetesClient client,
      VolumeClaims volumes,
      ObjectMapper json,
      MeterRegistry metrics) {
    this.config = config.webhook();
    this.vertx = vertx;
    this.certificates = certificates;
    this.registration = new WebhookRegistration(client);
    this.cache = new AdmissionCache(client);
    this.volumes = volumes;
    this.reviews =
        new AdmissionReviews(json, cache, this.config.exemptNamespaces(), this::obstacle);
    this.metrics = metrics;
  }

  /** Whether there is one at all. */
  boolean isConfigured() {
    return config.port().isPresent();
  }

  /** What it judges by. */
  PricedCluster cluster() {
    return cache;
  }

  /** Whether a namespace is known to name a class for its pods. */
  boolean namespaceNamesClass(String namespace) {
    return cache.namespace(namespace).filter(Metadata::namesClass).isPresent();
  }

  /** Why our scheduler can't judge where a pod may run, if so. */
  Optional<String> obstacle(Pod pod) {
    String namespace = pod.getMetadata().getNamespace();
    List<String> demands =
        BeyondJudgement.demands(
            pod, claim -> namespace != null && volumes.isUsableAnywhere(namespace, claim));
    return demands.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Fareway does not judge %s: the pod keeps its scheduler; it is priced and its class enforced."
                .formatted(String.join(", ", demands)));
  }

  /**
   * Listens, if a port is configured.
   *
   * @throws IOException naming the settings, if it can't
   */
  public void start() throws IOException, InterruptedException {
    if (config.port().isEmpty()) {
      return;
    }
    if (!certificates.areConfigured()) {
      throw new IOException(
          "fareway.webhook.port is set, and there is no certificate to serve it with: set fareway.certificates.names to the"
              + " webhook's host name, or fareway.certificates.folder");
    }
    cache.start();
    port =
        HttpPort.open(
            vertx,
            HttpPort.secured(HttpPort.options(config.host(), config.port().get()), certificates),
            "the API server",
            "fareway.webhook.host, fareway.webhook.port",
            this::handle);
    config
        .configuration()
        .ifPresent(
            name ->
                certificates.onAuthorities(authorities -> registration.trust(name, authorities)));
    LOG.infof("The admission webhook listens on %s port %d", config.host(), port.number());
  }

  /** Whether it can judge; without a webhook there is nothing to wait for. */
  public boolean isReady() {
    return config.port().isEmpty() || (port != null && cache.isSynced());
  }

  /** Listens no more. */
  public void stop() throws InterruptedException {
    HttpPort open = port;
    if (open != null) {
      open.close();
    }
    cache.close();
  }

  private void handle(HttpServerRequest request) {
    if (!PATH.equals(request.path())) {
      end(request, 404, "There is only " + PATH + " here.");
      return;
    }
    if (!request.method().equals(HttpMethod.POST)) {
      end(request, 405, "POST an AdmissionReview.");
      return;
    }
    Body body = new Body(BODY_LIMIT_BYTES);
    request.handler(
        part -> {
          if (body.isOverfullWith(part)) {
            request.handler(null);
            end(request, 413, "The AdmissionReview is larger than any object can be.");
          }
        });
    request.endHandler(_ -> body.whole().ifPresent(whole -> answer(request, whole)));
  }

  private void answer(HttpServerRequest request, byte[] review) {
    long start = System.nanoTime();
    String outcome = "answered";
    try {
      byte[] answer = reviews.answer(review);
      request
          .response()
          .putHeader("Content-Type", "application/json")
          .end(io.vertx.core.buffer.Buffer.buffer(answer));
    } catch (MalformedReviewException e) {
      outcome = "malformed";
      end(request, 400, e.getMessage());
    } catch (RuntimeException e) {
      // The API server goes by its failurePolicy.
      outcome = "failed";
      LOG.errorf(e, "An AdmissionReview could not be judged");
      end(request, 500, "The review could not be judged; the operator's log says why.");
    }
    metrics
        .timer("fareway.admission", "outcome", outcome)
        .record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
  }

  private static void end(HttpServerRequest request, int status, @Nullable String message) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "text/plain; charset=utf-8")
        .end(Optional.ofNullable(message).orElse("") + "\n");
  }
}
