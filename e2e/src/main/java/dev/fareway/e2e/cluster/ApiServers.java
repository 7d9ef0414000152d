package dev.fareway.e2e.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The API server that is asked for. */
final class ApiServers {

  private ApiServers() {}

  /**
   * Prepares one.
   *
   * @param parent a folder of its own is made in it for what it keeps, and removed at its end
   * @throws LocalClusterException if the real one is asked for and its programs can't be had
   */
  static ApiServer prepare(ApiServerKind kind, Path parent, Path logFolder) throws IOException {
    Optional<ApiServerBinaries> binaries =
        switch (kind) {
          case MOCK -> Optional.empty();
          case REAL -> Optional.of(binaries().orElseThrow(ApiServers::missing));
          case AUTO -> binaries();
        };
    if (binaries.isEmpty()) {
      return new MockApiServer(
          kind == ApiServerKind.MOCK ? "" : "no kube-apiserver found on this machine");
    }
    return new RealApiServer(
        binaries.get(), Files.createTempDirectory(parent, "api-server-"), logFolder);
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
