package dev.fareway.e2e.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One boot serves all cases. */
@NullUnmarked
class UmlNodeTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static UmlNode node;

  @BeforeAll
  static void boot() throws Exception {
    var missing = UmlNode.missing();
    assumeTrue(
        missing.isEmpty(), () -> "skipped, no User-Mode Linux node: " + missing.orElseThrow());
    node = UmlNode.boot(UmlOptions.defaults());
  }

  @AfterAll
  static void powerOff() {
    if (node != null) {
      Path folder = node.folder();
      node.close();
      assertFalse(Files.exists(folder), "the node leaves nothing on the host");
    }
  }

  @Test
  void node_hasTheCgroupControllersOfAKubernetesNode() throws Exception {
    String controllers = node.run("cat /sys/fs/cgroup/cgroup.controllers", LIMIT).orThrow();

    assertTrue(
        List.of(controllers.strip().split(" ")).containsAll(List.of("cpu", "memory", "pids")),
        controllers);
  }

  @Test
  void node_hasSwap() throws Exception {
    String swaps = node.run("cat /proc/swaps", LIMIT).orThrow();

    assertTrue(swaps.contains("/dev/ubda"), swaps);
  }

  @Test
  void run_givesStatusAndBothOutputs() throws Exception {
    ScriptResult result = node.run("echo out; echo err >&2; exit 7", LIMIT);

    assertEquals(new ScriptResult(7, "out\n", "err\n"), result);
    assertThrows(IllegalStateException.class, result::orThrow);
  }

  @Test
  void node_cannotWriteTheHostsFilesButTheSharedFolder() throws Exception {
    Path shared = node.folder();

    ScriptResult outside = node.run("echo x > %s/outside".formatted(shared.getParent()), LIMIT);
    node.run("echo x > %s/inside".formatted(shared), LIMIT).orThrow();

    assertTrue(outside.exitStatus() != 0, outside.err());
    assertTrue(Files.exists(shared.resolve("inside")));
  }

  @Test
  void node_runsTheHostsJdk() throws Exception {
    String java = System.getProperty("java.home") + "/bin/java";

    ScriptResult result = node.run("%s -Xmx64m -XX:+UseSerialGC -version".formatted(java), LIMIT);

    assertEquals(0, result.exitStatus(), result.err());
    assertTrue(result.err().contains("25"), result.err());
  }

  @Test
  void run_failsWithTheConsole_whenTheNodeDies() throws Exception {
    try (var doomed =
        UmlNode.boot(new UmlOptions(128, 0, Duration.ofSeconds(60), Duration.ofMinutes(2)))) {
      var failure =
          assertThrows(
              IOException.class, () -> doomed.run("echo o > /proc/sysrq-trigger; sleep 30", LIMIT));

      assertTrue(failure.getMessage().contains("console:"), failure.getMessage());
    }
  }
}
