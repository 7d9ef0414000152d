package dev.fareway.activator.proxy;

import dev.fareway.activator.tls.ServerIdentity;
import dev.fareway.activator.tls.TlsOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import java.util.concurrent.TimeUnit;

/** The listening side of a proxy. To be used on the proxy's event loop. */
public final class ProxyServers {
  private static final int STREAMS = 1000;
  private static final int WINDOW = 1 << 20;

  /** More than any function may take: nothing that waits is cut off by it. */
  private static final int SILENCE_SECONDS = 900;

  private final Vertx vertx;
  private final Proxy proxy;

  /** In front of this proxy. */
  public ProxyServers(Vertx vertx, Proxy proxy) {
    this.vertx = vertx;
    this.proxy = proxy;
  }

  /** Listens for HTTP/1.1; port 0: any. */
  public Future<HttpServer> listenHttp1(String host, int port) {
    return listen(options(host, port).setHttp2ClearTextEnabled(false));
  }

  /** Listens for HTTP/2 with prior knowledge, and HTTP/1.1; port 0: any. */
  public Future<HttpServer> listenH2c(String host, int port) {
    // Until the first bytes say which it is there is no connection for the guard to watch.
    return listen(
        options(host, port)
            .setHttp2ClearTextEnabled(true)
            .setIdleTimeout(SILENCE_SECONDS)
            .setIdleTimeoutUnit(TimeUnit.SECONDS));
  }

  /** Listens for TLS, with HTTP/2 and HTTP/1.1 inside it; port 0: any. */
  public Future<HttpServer> listenHttps(
      String host, int port, ServerIdentity identity, TlsOptions tls) {
    HttpServerOptions options =
        options(host, port)
            .setSsl(true)
            .setUseAlpn(true)
            .setKeyCertOptions(KeyCertOptions.wrap(identity))
            .setSslEngineOptions(new JdkSSLEngineOptions().setUseWorkerThread(true))
            .setEnabledSecureTransportProtocols(tls.protocols());
    tls.cipherSuites().forEach(options::addEnabledCipherSuite);
    return listen(options);
  }

  private Future<HttpServer> listen(HttpServerOptions options) {
    return vertx
        .createHttpServer(options)
        .connectionHandler(proxy::connected)
        .requestHandler(proxy::handle)
        .listen();
  }

  private HttpServerOptions options(String host, int port) {
    int headers = proxy.options().maxHeaderBytes();
    return new HttpServerOptions()
        .setHost(host)
        .setPort(port)
        .setAcceptBacklog(4096)
        .setMaxHeaderSize(headers)
        .setMaxInitialLineLength(16 << 10)
        .setDecoderInitialBufferSize(256)
        // A WebSocket goes through as it is: what its ends agree on is theirs.
        .setPerMessageWebSocketCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false)
        .setHttp2ConnectionWindowSize(WINDOW)
        .setInitialSettings(
            new Http2Settings().setMaxConcurrentStreams(STREAMS).setMaxHeaderListSize(headers));
  }
}
