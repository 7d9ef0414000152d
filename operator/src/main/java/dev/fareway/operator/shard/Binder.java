package dev.fareway.operator.shard;

import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Writes bindings and evictions, without waiting for one before the next. */
final class Binder {
  /** What became of a binding. */
  enum Outcome {
    BOUND,
    /** The pod is gone, or is bound already: there is nothing left to do. */
    REFUSED,
    /** The API server is throttled, failing or silent: to be tried again. */
    FAILED
  }

  private final HttpClient http;
  private final URI server;
  private final Duration timeout;

  Binder(KubernetesClient client, Duration timeout) {
    // Once: whoever decided tries again, with the pod's age and elsewhere. The client itself would
    // go on asking for an eviction that a disruption budget refuses until the time is up, and
    // nobody
    // would hear of the refusal.
    this.http =
        client
            .getHttpClient()
            .newBuilder()
            .tag(
                new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .build();
    this.server = URI.create(client.getMasterUrl().toString());
    this.timeout = timeout;
  }

  /**
   * Binds a pod, by the subresource {@code binding}; the UID keeps a pod of the same name from
   * being taken for it.
   */
  CompletableFuture<Outcome> bind(String namespace, String pod, String uid, String node) {
    var binding =
        new BindingBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(pod)
            .withUid(uid)
            .endMetadata()
            .withNewTarget()
            .withApiVersion("v1")
            .withKind("Node")
            .withName(node)
            .endTarget()
            .build();
    return post(namespace, pod, "binding", binding)
        .thenApply(Binder::outcome)
        .completeOnTimeout(Outcome.FAILED, timeout.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(_ -> Outcome.FAILED);
  }

  /** Asks a pod to end, by the subresource {@code eviction}: disruption budgets are respected. */
  CompletableFuture<Outside.Eviction> evict(PodRef pod) {
    return post(
            pod.namespace(),
            pod.name(),
            "eviction",
            Evictions.of(pod.namespace(), pod.name(), pod.uid()))
        .thenApply(Binder::eviction)
        .completeOnTimeout(Outside.Eviction.FAILED, timeout.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(_ -> Outside.Eviction.FAILED);
  }

  static Outside.Eviction eviction(int code) {
    if (code >= 200 && code < 300) {
      return Outside.Eviction.LEAVES;
    }
    return switch (code) {
      // Gone, or another pod of that name.
      case 404, 409 -> Outside.Eviction.LEAVES;
      case 429 -> Outside.Eviction.PROTECTED;
      default -> Outside.Eviction.FAILED;
    };
  }

  private CompletableFuture<Integer> post(
      String namespace, String pod, String subresource, Object body) {
    var request =
        http.newHttpRequestBuilder()
            .uri(
                server.resolve(
                    "/api/v1/namespaces/%s/pods/%s/%s"
                        .formatted(encoded(namespace), encoded(pod), subresource)))
            .post("application/json", Serialization.asJson(body))
            .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
            .build();
    return http.sendAsync(request, String.class).thenApply(HttpResponse::code);
  }

  static Outcome outcome(int code) {
    if (code >= 200 && code < 300) {
      return Outcome.BOUND;
    }
    // 404: the pod is gone. 409: it is bound already, or another pod of that name.
    return code == 404 || code == 409 ? Outcome.REFUSED : Outcome.FAILED;
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8);
  }
}
