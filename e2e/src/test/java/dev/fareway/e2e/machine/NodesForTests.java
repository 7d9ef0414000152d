package dev.fareway.e2e.machine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Boots nodes for tests, or skips the test by name. */
final class NodesForTests {
  private NodesForTests() {}

  /** A User-Mode Linux node with all that a daemon needs. */
  static DaemonNode boot(UmlOptions options) throws Exception {
    return boot(options, "+cpu +memory");
  }

  /** The same, with the controllers that pods have. */
  static DaemonNode boot(UmlOptions options, String controllers) throws Exception {
    var missing = UmlNode.missing().or(DaemonNode::missing);
    assumeTrue(
        missing.isEmpty(), () -> "skipped, no User-Mode Linux node: " + missing.orElseThrow());
    return DaemonNode.on(UmlNode.boot(options), controllers);
  }
}
