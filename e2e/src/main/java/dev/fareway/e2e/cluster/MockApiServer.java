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
  private @Nullable PlainWatches plainWatches;
  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(), new MockWebServer(), new HashMap<>(), new MockApi(), false);

  /**
   * Prepares one.
   *
   * @param why it is this one, for users to read; may be empty
   */
  MockApiServer(String why) {
    this.why = why;
  }

  @Override
  public void start() {
    REQUESTS.setLevel(Level.WARNING);
    server.start(InetAddress.getLoopbackAddress(), 0);
    plainWatches = new PlainWatches(server.getPort());
  }

  @Override
  public String description() {
    return "in-process mock of " + MockApi.VERSION + (why.isEmpty() ? "" : " (" + why + ")");
  }

  @Override
  public String kubeconfig() {
    return kubeconfig(server.getPort());
  }

  @Override
  public String kubeconfigForPlainWatches() {
    return kubeconfig(Objects.requireNonNull(plainWatches, "not started").port());
  }

  private static String kubeconfig(int port) {
    return """
        apiVersion: v1
        kind: Config
        clusters:
        - name: fareway
          cluster: {server: "%s"}
        users:
        - name: fareway
          user: {}
        contexts:
        - name: fareway
          context: {cluster: fareway, user: fareway, namespace: default}
        current-context: fareway
        """
        .formatted("http://127.0.0.1:" + port + "/");
  }

  @Override
  public void close() {
    if (plainWatches != null) {
      plainWatches.close();
    }
    server.shutdown();
  }
}
