package dev.fareway.activator.proxy;

import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.tls.PodTrust;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.SSLOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TrustOptions;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * TLS on connections to pods: version 1.3, as Knative's own activator asks for it. The name that a
 * pod's certificate must have is the engine's host; {@link PodTrust} checks it.
 *
 * <p>To be used on one event loop. Nothing is set up until there is a pod that speaks TLS.
 */
public final class PodTls {
  private static final String VERSION = "TLSv1.3";
  private static final int MOST_THREADS = 4;
  private static final long HANDSHAKE_MILLIS = 10_000;

  private final PodTrust trust;
  private @Nullable Executor handshakes;
  private @Nullable SslContext context;
  private long version = -1;

  PodTls(PodTrust trust) {
    this.trust = trust;
  }

  /** What a connection to this pod goes through. */
  SslHandler handler(Channel channel, PodAddress pod) throws SSLException {
    SslContext now = context;
    if (now == null || version != trust.version()) {
      version = trust.version();
      now =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.JDK)
              .trustManager(trust)
              .protocols(VERSION)
              .build();
      context = now;
    }
    SslHandler handler = now.newHandler(channel.alloc(), pod.peer(), pod.port(), handshakes());
    handler.setHandshakeTimeoutMillis(HANDSHAKE_MILLIS);
    return handler;
  }

  /** Beside the event loop: a pod that becomes ready may get 2,000 connections at once. */
  private Executor handshakes() {
    if (handshakes == null) {
      int threads = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
      var pool =
          new ThreadPoolExecutor(
              threads,
              threads,
              60,
              TimeUnit.SECONDS,
              new LinkedBlockingQueue<>(),
              Thread.ofPlatform().daemon().name("tls-", 0).factory());
      pool.allowCoreThreadTimeOut(true);
      handshakes = pool;
    }
    return handshakes;
  }

  /** Vert.x' client, made ready for pods that speak TLS beside those that don't. */
  public static HttpClientOptions of(HttpClientOptions options, PodTrust trust) {
    return options
        .setTrustOptions(TrustOptions.wrap(trust))
        .setEnabledSecureTransportProtocols(Set.of(VERSION))
        .setSslEngineOptions(new JdkSSLEngineOptions().setUseWorkerThread(true))
        // The name is no host's; the trust manager checks it.
        .setVerifyHost(false);
  }

  /** The same for a client that is there: what it agreed on with pods before is forgotten. */
  public static SSLOptions renewed(PodTrust trust, boolean isHttp2) {
    return new SSLOptions()
        .setTrustOptions(TrustOptions.wrap(trust))
        .setEnabledSecureTransportProtocols(Set.of(VERSION))
        .setUseAlpn(isHttp2);
  }

  /** Where a request to this pod goes. */
  public static RequestOptions to(PodAddress pod) {
    var options = new RequestOptions().setPort(pod.port());
    return pod.isSecure()
        ? options
            .setSsl(true)
            .setHost(pod.peer())
            .setServer(SocketAddress.inetSocketAddress(pod.port(), pod.host()))
        : options.setHost(pod.host());
  }

  /** What a queue-proxy is to take itself for: its own address, as without TLS. */
  static HostAndPort authority(PodAddress pod) {
    return HostAndPort.create(pod.host(), pod.port());
  }
}
