package dev.fareway.e2e.demo;

import dev.fareway.e2e.report.Enforcement;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** What the demo needs of a cluster. */
interface DemoCluster extends AutoCloseable {
  /** Which API server it has, in a few words. */
  String apiServer();

  /**
   * Makes the functions' price classes and pods; returns when all are placed and serve requests.
   *
   * @throws DemoFailure if that doesn't happen in good time
   */
  List<Instance> deploy(List<DemoFunction> functions) throws IOException, InterruptedException;

  /**
   * Has the node daemon enforce, or not; returns when that is in force.
   *
   * @return what the node daemon says is in force
   * @throws DemoFailure if it doesn't say so in good time
   */
  Enforcement enforce(boolean on) throws IOException, InterruptedException;

  /** The page that shows what its scheduler does; empty if it has none. */
  default Optional<URI> console() {
    return Optional.empty();
  }

  /**
   * Puts an activator in front of a function, with the order of prices in it and inheritance on the
   * node.
   *
   * @return where it takes requests; empty if this cluster has none
   * @throws DemoFailure if it does not come up
   */
  default Optional<URI> activator(String function) throws IOException, InterruptedException {
    return Optional.empty();
  }

  /** How to look into it while it is left running: lines for a user to read. */
  List<String> howToLook();

  /** Stops all its processes and takes back all it changed. */
  @Override
  void close();
}
