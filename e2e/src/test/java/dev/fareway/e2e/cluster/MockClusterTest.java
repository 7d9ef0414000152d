package dev.fareway.e2e.cluster;

/** The whole of Fareway with the API server that is always there. */
final class MockClusterTest extends ClusterContract {
  @Override
  ApiServerKind kind() {
    return ApiServerKind.MOCK;
  }
}
