package dev.fareway.e2e.cluster;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Starts the packaged operator as one replica of several. */
final class OperatorReplica {
  private OperatorReplica() {}

  /**
   * Starts it without waiting until it is ready.
   *
   * @param folder where its log goes, named after the replica
   * @param ports for HTTP and for dispatchers
   * @param settings further environment
   */
  static ManagedProcess start(
      String replica,
      Path folder,
      Path kubeconfig,
      List<Integer> ports,
      Map<String, String> settings) {
    var environment = new HashMap<>(settings);
    environment.put("KUBECONFIG", kubeconfig.toString());
    environment.put("QUARKUS_HTTP_PORT", String.valueOf(ports.get(0)));
    environment.put("FAREWAY_DISPATCHER_PORT", String.valueOf(ports.get(1)));
    environment.put("FAREWAY_REPLICA", replica);
    return ManagedProcess.start(
        replica,
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-jar",
            LocalClusterOptions.in(folder).home().resolve(LocalCluster.OPERATOR).toString()),
        environment,
        folder.resolve(replica + ".log"),
        URI.create("http://127.0.0.1:%d/q/health/ready".formatted(ports.get(0))));
  }
}
