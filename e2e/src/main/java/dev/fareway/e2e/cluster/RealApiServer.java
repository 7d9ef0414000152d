package dev.fareway.e2e.cluster;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubeapitest.KubeAPITestException;

/** kube-apiserver with an etcd of its own, on free loopback ports. */
final class RealApiServer implements ApiServer {

  private static final int START_TIMEOUT_MILLIS = 60_000;

  private final KubeAPIServer server;
  private final String description;

  private RealApiServer(KubeAPIServer server, String description) {
    this.server = server;
    this.description = description;
  }

  /**
   * Starts it and waits until it serves.
   *
   * @throws LocalClusterException if it does not come up in a minute
   */
  static RealApiServer start(ApiServerBinaries binaries) {
    var server =
        new KubeAPIServer(
            KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withTestDir(binaries.folder().toString())
                .withApiServerVersion(binaries.version())
                .withOfflineMode(true)
                .withWaitForEtcdHealthCheckOnStartup(true)
                .withStartupTimeout(START_TIMEOUT_MILLIS)
                .build());
    try {
      server.start();
    } catch (KubeAPITestException e) {
      server.stop();
      throw new LocalClusterException(
          "kube-apiserver %s in %s did not start: %s"
              .formatted(binaries.version(), binaries.folder(), e.getMessage()),
          e);
    }
    return new RealApiServer(server, "kube-apiserver " + binaries.version() + " with etcd");
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public String kubeconfig() {
    return server.getKubeConfigYaml();
  }

  @Override
  public void close() {
    server.stop();
  }
}
