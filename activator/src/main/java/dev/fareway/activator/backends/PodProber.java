package dev.fareway.activator.backends;

import dev.fareway.activator.core.PodAddress;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Asks a queue-proxy whether its function is ready, as Knative's activator does. */
public final class PodProber implements Prober {
  private static final String READY = "queue";

  private final HttpClient client;
  private final Duration timeout;

  /** With how long a pod may take to answer. */
  public PodProber(Vertx vertx, Duration timeout) {
    this.timeout = timeout;
    client =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout((int) timeout.toMillis()).setKeepAlive(false),
            new PoolOptions().setHttp1MaxSize(4));
  }

  @Override
  public Future<Boolean> isReady(PodAddress pod) {
    return client
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost(pod.host())
                .setPort(pod.port())
                .setURI("/healthz")
                .putHeader("User-Agent", "Knative-Activator-Probe")
                .putHeader("K-Network-Probe", READY))
        .compose(request -> request.send())
        .compose(
            response ->
                response
                    .body()
                    .map(body -> response.statusCode() == 200 && body.toString().equals(READY)))
        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .otherwise(false);
  }
}
