package dev.fareway.e2e.cluster;

import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * An API server in this process, on a free loopback port: fabric8's, with what Fareway needs and it
 * lacks ({@link MockApi}). It checks no schema, runs no admission and knows no rights.
 */
final class MockApiServer implements ApiServer {

  /** Held, because its level goes with it: it would tell of each request at INFO. */
  private static final Logger REQUESTS = Logger.getLogger(MockWebServer.class.getName());

  private final String why;
  private final boolean tls;
  private @Nullable PlainWatches plainWatches;
  private final MockWebServer web = new MockWebServer();
  private final KubernetesMockServer server;

  /**
   * Prepares one.
   *
   * @param why it is this one, for users to read; may be empty
   * @param tls whether it has TLS, with a certificate of its own making; clients that watch by
   *     plain HTTP it has none then
   */
  MockApiServer(String why, boolean tls) {
    this(why, tls, false);
  }

  private MockApiServer(String why, boolean tls, boolean keepsUids) {
    this.why = why;
    this.tls = tls;
    this.server =
        new KubernetesMockServer(new Context(), web, new HashMap<>(), new MockApi(keepsUids), tls);
  }

  /** One for copies of another server's objects: they keep their UIDs. */
  static MockApiServer forCopies() {
    return new MockApiServer("", false, true);
  }

  @Override
  public void start() {
    REQUESTS.setLevel(Level.WARNING);
    server.start(InetAddress.getLoopbackAddress(), 0);
    if (!tls) {
      plainWatches = new PlainWatches(server.getPort());
    }
  }

  @Override
  public String description() {
    return "in-process mock of " + MockApi.VERSION + (why.isEmpty() ? "" : " (" + why + ")");
  }

  @Override
  public String kubeconfig() {
    return tls ? kubeconfigWithTls() : kubeconfig(server.getPort());
  }

  @Override
  public String kubeconfigForPlainWatches() {
    return tls
        ? kubeconfigWithTls()
        : kubeconfig(Objects.requireNonNull(plainWatches, "not started").port());
  }

  private static String kubeconfig(int port) {
    return kubeconfig("server: \"http://127.0.0.1:%d/\"".formatted(port), "");
  }

  /** By a token, as pods have one; it is not asked for. */
  private String kubeconfigWithTls() {
    String certificate = web.getSelfSignedCertificate().certificatePath();
    return kubeconfig(
        "server: \"https://localhost:%d/\", certificate-authority: \"%s\""
            .formatted(server.getPort(), certificate),
        "token: anybody");
  }

  private static String kubeconfig(String cluster, String user) {
    return """
        apiVersion: v1
        kind: Config
        clusters:
        - name: fareway
          cluster: {%s}
        users:
        - name: fareway
          user: {%s}
        contexts:
        - name: fareway
          context: {cluster: fareway, user: fareway, namespace: default}
        current-context: fareway
        """
        .formatted(cluster, user);
  }

  @Override
  public void close() {
    if (plainWatches != null) {
      plainWatches.close();
    }
    server.shutdown();
  }
}
