package dev.fareway.operator.port;

import dev.fareway.operator.certificates.Certificates;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.KeyCertOptions;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/** A port beside the one of health and metrics: with TLS of the operator's own, or without. */
public final class HttpPort {
  private static final Logger LOG = Logger.getLogger(HttpPort.class);
  private static final int SECONDS = 10;
  private static final int IDLE_SECONDS = 60;

  private final String purpose;
  private final HttpServer server;

  private HttpPort(String purpose, HttpServer server) {
    this.purpose = purpose;
    this.server = server;
  }

  /** How to listen there; a connection that is silent for a minute is closed. */
  public static HttpServerOptions options(String host, int port) {
    return new HttpServerOptions().setHost(host).setPort(port).setIdleTimeout(IDLE_SECONDS);
  }

  /** The same with TLS, by the certificate that is the operator's at each handshake. */
  public static HttpServerOptions secured(HttpServerOptions options, Certificates certificates) {
    return options
        .setSsl(true)
        .setUseAlpn(true)
        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3", "TLSv1.2"))
        .setKeyCertOptions(KeyCertOptions.wrap(certificates.keyManager()));
  }

  /**
   * Listens.
   *
   * @param purpose whom for, for messages
   * @param settings the names of the settings that say where
   * @throws IOException naming the settings, if it can't
   */
  public static HttpPort open(
      Vertx vertx,
      HttpServerOptions options,
      String purpose,
      String settings,
      Handler<HttpServerRequest> handler)
      throws IOException, InterruptedException {
    try {
      return new HttpPort(
          purpose,
          vertx
              .createHttpServer(options)
              .requestHandler(handler)
              .listen()
              .toCompletionStage()
              .toCompletableFuture()
              .get(SECONDS, TimeUnit.SECONDS));
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException(
          "can't listen for %s on %s port %d (%s): %s"
              .formatted(purpose, options.getHost(), options.getPort(), settings, e.getMessage()),
          e);
    }
  }

  /** Which port it is. */
  public int number() {
    return server.actualPort();
  }

  /** Listens no more. */
  public void close() throws InterruptedException {
    try {
      server.close().toCompletionStage().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warnf("The port for %s did not close in time: %s", purpose, e.getMessage());
    }
  }
}
