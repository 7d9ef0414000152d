package dev.fareway.activator.backends;

import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.proxy.PodTls;
import dev.fareway.activator.tls.PodTrust;
import io.netty.handler.ssl.NotSslRecordException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Asks a queue-proxy whether its function is ready, as Knative's activator does. */
public final class PodProber implements Prober {
  private static final String READY = "queue";

  private final HttpClient client;
  private final PodTrust trust;
  private final Duration timeout;
  private long trusted;

  /** With whom to believe where TLS is spoken, and how long a pod may take to answer. */
  public PodProber(Vertx vertx, PodTrust trust, Duration timeout) {
    this.trust = trust;
    this.timeout = timeout;
    client =
        vertx.createHttpClient(
            PodTls.of(
                new HttpClientOptions()
                    .setConnectTimeout((int) timeout.toMillis())
                    .setKeepAlive(false),
                trust),
            new PoolOptions().setHttp1MaxSize(4));
  }

  @Override
  public Future<String> whyNotReady(PodAddress pod) {
    if (pod.isSecure() && trusted != trust.version()) {
      trusted = trust.version();
      client.updateSSLOptions(PodTls.renewed(trust, false), true);
    }
    return client
        .request(
            PodTls.to(pod)
                .setMethod(HttpMethod.GET)
                .setURI("/healthz")
                .putHeader("User-Agent", "Knative-Activator-Probe")
                .putHeader("K-Network-Probe", READY))
        .compose(request -> request.send())
        .compose(
            response ->
                response
                    .body()
                    .map(
                        body ->
                            response.statusCode() == 200 && body.toString().equals(READY)
                                ? ""
                                : "it answers " + response.statusCode()))
        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .otherwise(PodProber::why);
  }

  private static String why(Throwable failure) {
    return switch (failure.getCause() instanceof NotSslRecordException not ? not : failure) {
      case TimeoutException _ -> "it does not answer in time";
      case NotSslRecordException _ -> "it speaks no TLS";
      case SSLException refused -> "TLS fails: " + deepest(refused).getMessage();
      default -> "it can't be reached: " + failure.getMessage();
    };
  }

  private static Throwable deepest(Throwable failure) {
    Throwable at = failure;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    return at;
  }
}
