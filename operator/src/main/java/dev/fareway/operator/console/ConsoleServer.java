package dev.fareway.operator.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fareway.operator.OperatorConfig;
import dev.fareway.operator.certificates.Certificates;
import dev.fareway.operator.dispatcher.DispatcherSessions;
import dev.fareway.operator.port.HttpPort;
import dev.fareway.operator.shard.ShardHost;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The console's port: the page, and the state that it shows. Nothing here changes anything in the
 * cluster.
 */
@Singleton
public class ConsoleServer {
  private static final Logger LOG = Logger.getLogger(ConsoleServer.class);
  static final String STATE = "/console/state";
  private static final int MOST_HEADER_BYTES = 32 << 10;

  private final OperatorConfig.Console config;
  private final Vertx vertx;
  private final Certificates certificates;
  private final KubernetesClient client;
  private final ReplicaClient peers;
  private final StateSource source;
  private @Nullable HttpPort port;

  ConsoleServer(
      OperatorConfig config,
      Vertx vertx,
      Certificates certificates,
      KubernetesClient client,
      ShardHost host,
      DispatcherSessions sessions,
      NodeBoard nodes,
      ObjectMapper json,
      Clock clock) {
    this.config = config.console();
    this.vertx = vertx;
    this.certificates = certificates;
    this.client = client;
    this.peers = new ReplicaClient(certificates, json);
    this.source = new StateSource(host, sessions, nodes, client, peers, json, clock);
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
    boolean loopback = InetAddress.getByName(config.host()).isLoopbackAddress();
    boolean secured = certificates.areConfigured();
    if (!loopback && !secured) {
      throw new IOException(
          "fareway.console.host is %s: without TLS (fareway.certificates.names or fareway.certificates.folder) only a loopback address, such as 127.0.0.1, is allowed"
              .formatted(config.host()));
    }
    boolean authenticated = !loopback || config.authenticate();
    HttpServerOptions options =
        HttpPort.options(config.host(), config.port().get())
            .setCompressionSupported(true)
            .setMaxHeaderSize(MOST_HEADER_BYTES);
    // On loopback whoever comes is on this machine already, or came by way of the API server.
    boolean tls = !loopback;
    if (tls) {
      options = HttpPort.secured(options, certificates);
    }
    Viewers viewers =
        authenticated
            ? new Viewers(new KubernetesReviews(client, config.audiences()), System::nanoTime)
            : null;
    var pages = new ConsolePages(vertx, source, viewers, tls);
    port =
        HttpPort.open(
            vertx,
            options,
            "the console",
            "fareway.console.host, fareway.console.port",
            pages::handle);
    LOG.infof(
        "The console is at %s://%s:%d/console/, %s",
        tls ? "https" : "http",
        config.host(),
        port.number(),
        authenticated ? "for those who may get " + STATE : "for everyone on this machine");
  }

  /** Listens no more. */
  public void stop() throws InterruptedException {
    HttpPort open = port;
    if (open != null) {
      open.close();
    }
    peers.close();
  }
}
