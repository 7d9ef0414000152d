package dev.fareway.e2e.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;

/** The chart on an API server of the oldest Kubernetes that it is for. */
@NeedsRealApiServer
final class ChartOnOldestApiServerTest extends ChartContract {
  private static final String OLDEST = "1.30.";

  @Override
  ApiServerBinaries binaries() {
    List<ApiServerBinaries> found =
        ApiServerBinaries.all(ApiServerBinaries.defaultFolder()).stream()
            .filter(of -> of.version().startsWith(OLDEST))
            .toList();
    assumeTrue(
        !found.isEmpty(),
        () ->
            "skipped, no etcd and kube-apiserver of version %sx in %s"
                .formatted(OLDEST, ApiServerBinaries.defaultFolder().resolve("k8s")));
    return found.getFirst();
  }
}
