package dev.fareway.e2e.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The API server that is asked for. */
final class ApiServers {

  private ApiServers() {}

  /**
   * Prepares one; what it keeps is in a folder of its own in the cluster's, and removed at its end.
   *
   * @throws LocalClusterException if the real one is asked for and its programs can't be had
   */
  static ApiServer prepare(LocalClusterOptions options) throws IOException {
    ApiServerKind kind = options.apiServer();
    Optional<ApiServerBinaries> binaries =
        switch (kind) {
          case MOCK -> Optional.empty();
          case REAL -> Optional.of(binaries().orElseThrow(ApiServers::missing));
          case AUTO -> binaries();
        };
    if (binaries.isEmpty()) {
      return new MockApiServer(
          kind == ApiServerKind.MOCK ? "" : "no kube-apiserver found on this machine",
          options.tls());
    }
    return new RealApiServer(
        binaries.get(),
        Files.createTempDirectory(options.workFolder(), "api-server-"),
        options.logFolder());
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
