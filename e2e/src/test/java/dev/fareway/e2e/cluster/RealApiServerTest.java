package dev.fareway.e2e.cluster;

/** The contract is what kube-apiserver does. */
@NeedsRealApiServer
final class RealApiServerTest extends ApiServerContract {
  @Override
  ApiServerKind kind() {
    return ApiServerKind.REAL;
  }
}
