package dev.fareway.e2e.cluster;

/** The mock keeps the contract. */
final class MockApiServerTest extends ApiServerContract {
  @Override
  ApiServerKind kind() {
    return ApiServerKind.MOCK;
  }
}
