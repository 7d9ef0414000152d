package dev.fareway.e2e.cluster;

import java.nio.file.Path;
import java.util.Optional;

/** Starts the API server that is asked for. */
final class ApiServers {

  private ApiServers() {}

  /**
   * Starts one; it serves when this returns.
   *
   * @param folder for what it keeps; made, and removed at its end
   * @throws LocalClusterException if the real one is asked for and its programs can't be had
   */
  static ApiServer start(ApiServerKind kind, Path folder, Path logFolder) {
    return switch (kind) {
      case MOCK -> MockApiServer.start();
      case REAL ->
          RealApiServer.start(binaries().orElseThrow(ApiServers::missing), folder, logFolder);
      case AUTO ->
          binaries()
              .<ApiServer>map(binaries -> RealApiServer.start(binaries, folder, logFolder))
              .orElseGet(MockApiServer::start);
    };
  }

  /** The programs of the real one, which are downloaded if they can be. */
  static Optional<ApiServerBinaries> binaries() {
    Path folder = ApiServerBinaries.defaultFolder();
    return ApiServerBinaries.find(folder)
        .or(
            () ->
                ApiServerDownload.into(folder) ? ApiServerBinaries.find(folder) : Optional.empty());
  }

  private static LocalClusterException missing() {
    return new LocalClusterException(
        "kube-apiserver and etcd are not in %s and can't be downloaded: fetch them with"
                .formatted(
                    ApiServerBinaries.defaultFolder()
                        .resolve("k8s")
                        .resolve(
                            "<version>-%s-%s"
                                .formatted(
                                    ApiServerBinaries.os(), ApiServerBinaries.architecture())))
            + " 'setup-envtest use --bin-dir ~/.kubeapitest', or use the mock");
  }
}
