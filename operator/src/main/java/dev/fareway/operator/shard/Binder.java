package dev.fareway.operator.shard;

import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Writes bindings, without waiting for one before the next. */
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
    this.http = client.getHttpClient();
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
    var request =
        http.newHttpRequestBuilder()
            .uri(
                server.resolve(
                    "/api/v1/namespaces/%s/pods/%s/binding"
                        .formatted(encoded(namespace), encoded(pod))))
            .post("application/json", Serialization.asJson(binding))
            .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
            .build();
    return http.sendAsync(request, String.class)
        .thenApply(response -> outcome(response.code()))
        .completeOnTimeout(Outcome.FAILED, timeout.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(_ -> Outcome.FAILED);
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
