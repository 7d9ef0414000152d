package dev.fareway.e2e.cluster;

/** The whole of Fareway with kube-apiserver. */
@NeedsRealApiServer
final class RealClusterTest extends ClusterContract {
  @Override
  ApiServerKind kind() {
    return ApiServerKind.REAL;
  }
}
