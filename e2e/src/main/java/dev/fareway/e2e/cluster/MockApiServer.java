package dev.fareway.e2e.cluster;

import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.net.InetAddress;
import java.util.HashMap;

/**
 * An API server in this process, on a free loopback port: fabric8's, with what Fareway needs and it
 * lacks ({@link MockApi}). It checks no schema, runs no admission and knows no rights.
 */
final class MockApiServer implements ApiServer {

  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(), new MockWebServer(), new HashMap<>(), new MockApi(), false);

  @Override
  public void start() {
    server.start(InetAddress.getLoopbackAddress(), 0);
  }

  @Override
  public String description() {
    return "in-process mock of " + MockApi.VERSION + " (no kube-apiserver found on this machine)";
  }

  @Override
  public String kubeconfig() {
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
        .formatted("http://127.0.0.1:" + server.getPort() + "/");
  }

  @Override
  public void close() {
    server.shutdown();
  }
}
