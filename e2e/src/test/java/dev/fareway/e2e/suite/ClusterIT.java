package dev.fareway.e2e.suite;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The suite on the cluster that {@code ./fareway e2e} made, or that it was given: {@code
 * -Dfareway.e2e.kubeconfig=FILE}.
 */
final class ClusterIT extends FarewaySuite {
  @Override
  protected SuiteCluster start(Path folder) throws Exception {
    String file = System.getProperty("fareway.e2e.kubeconfig", "");
    assumeTrue(
        !file.isEmpty() && Files.isRegularFile(Path.of(file)),
        () ->
            "skipped, -Dfareway.e2e.kubeconfig names no file: '%s'; run ./fareway e2e"
                .formatted(file));
    return KubeconfigCluster.install(
        Path.of(file),
        System.getProperty("fareway.e2e.image", "busybox:1.37"),
        System.getProperty("fareway.e2e.values", ""));
  }
}
