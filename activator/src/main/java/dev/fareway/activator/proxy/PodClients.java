package dev.fareway.activator.proxy;

import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.tls.PodTrust;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;

/** Vert.x' clients, for requests over HTTP/2 and for those that ask for an upgrade. */
final class PodClients {
  private static final int HTTP2_CONNECTIONS = 8;
  private static final int WINDOW = 1 << 20;

  private final HttpClient http1;
  private final HttpClient http2;
  private final PodTrust trust;
  private long trusted;

  /** With these bounds, and whom to believe where TLS is spoken. */
  PodClients(Vertx vertx, ProxyOptions options, PodTrust trust) {
    this.trust = trust;
    this.trusted = trust.version();
    HttpClientOptions common =
        PodTls.of(new HttpClientOptions(), trust)
            .setConnectTimeout((int) options.connectTimeout().toMillis())
            .setKeepAliveTimeout(60)
            .setMaxHeaderSize(options.maxHeaderBytes())
            .setMaxWaitQueueSize(-1)
            .setPipelining(false)
            .setDecoderInitialBufferSize(256);
    http1 =
        vertx.createHttpClient(
            common, new PoolOptions().setHttp1MaxSize(options.connectionsPerPod()));
    http2 =
        vertx.createHttpClient(
            new HttpClientOptions(common)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setUseAlpn(true)
                .setHttp2ConnectionWindowSize(WINDOW),
            new PoolOptions().setHttp2MaxSize(HTTP2_CONNECTIONS));
  }

  /** A request on a connection to a pod; not sent yet. */
  Future<HttpClientRequest> request(PodAddress pod, HttpServerRequest from, boolean isHttp2) {
    if (pod.isSecure() && trusted != trust.version()) {
      trusted = trust.version();
      http1.updateSSLOptions(PodTls.renewed(trust, false), true);
      http2.updateSSLOptions(PodTls.renewed(trust, true), true);
    }
    Future<HttpClientRequest> made =
        (isHttp2 ? http2 : http1)
            .request(PodTls.to(pod).setMethod(from.method()).setURI(from.uri()));
    return pod.isSecure() ? made.map(request -> request.authority(PodTls.authority(pod))) : made;
  }

  /** Closes all connections. */
  Future<Void> close() {
    return Future.join(http1.close(), http2.close()).mapEmpty();
  }
}
