package dev.fareway.e2e.cluster;

/** The chart on the newest API server at hand, or on the one that the environment names. */
@NeedsRealApiServer
final class ChartOnRealApiServerTest extends ChartContract {
  @Override
  ApiServerBinaries binaries() {
    return ApiServers.binaries().orElseThrow();
  }
}
