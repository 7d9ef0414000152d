package dev.fareway.e2e.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The packaged daemon with options that change how it acts, on a node that is short of memory. */
@NullUnmarked
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OptionsOnNodeTest {
  private static DaemonNode node;

  @BeforeAll
  static void boot() throws Exception {
    node =
        NodesForTests.boot(
            new UmlOptions(256, 256, Duration.ofSeconds(60), Duration.ofMinutes(10)));
    node.function(1, "dear", "dear", "systemd");
    node.function(2, "probed", "cheap", "cgroupfs");
    node.function(3, "other", "cheap", "systemd");
    node.tellOfProbe("probed");
    node.hold("dear", 20);
    node.hold("probed", 40);
    node.hold("other", 40);
  }

  @AfterAll
  static void powerOff() {
    if (node != null) {
      node.close();
    }
  }

  @Test
  @Order(1)
  void dryRun_decidesAndChangesNothing() throws Exception {
    NodeSnapshot before = node.snapshot();

    // More is to be free than there is: memory is short from the start.
    node.startDaemon("--dry-run", "--memory-freeze", "--memory-watermarks", "20,80,90");
    node.eventually(
        "all would be changed", node.metricIs("fareway_node_policy_changes_total", "-ge 3"));
    node.eventually(
        "memory is short", node.metricIs("fareway_node_memory_state{state=\"NORMAL\"}", "-eq 0"));

    NodeSnapshot during = node.snapshot();
    assertEquals(List.of(), during.changesSince(before, _ -> true), node::logs);
    assertEquals(0, node.metric("fareway_node_swapped_out_bytes_total"));
    node.stopDaemon();
    assertEquals(List.of(), node.snapshot().changesSince(before, _ -> true), node::logs);
    assertTrue(node.shared("evictions.log").isEmpty(), node::logs);
  }

  @Test
  @Tag("long")
  @Order(2)
  void freezing_stopsOnlyWhomNobodyProbes_andLetsThemGoOn() throws Exception {
    String ofProbed = node.noteFreezing("probed");
    String ofOther = node.noteFreezing("other");
    node.startDaemon("--memory-freeze");

    node.hold("other", 60);
    node.want("probed", 160);
    node.eventually(
        "both are swapped",
        "[ $(cat %s/memory.swap.current) -gt 1000000 ] && [ $(cat %s/memory.swap.current) -gt 1000000 ]"
            .formatted(node.pod("probed"), node.pod("other")));

    assertEquals("frozen", node.shared(ofOther), node::logs);
    assertEquals("", node.shared(ofProbed), node::logs);
    assertTrue(node.check("other").contains("60 MiB, 0 wrong"), node::logs);
    assertTrue(node.check("probed").contains("160 MiB, 0 wrong"), node::logs);
    node.stopDaemon();
    assertTrue(node.run("cat %s/cgroup.events".formatted(node.pod("other"))).contains("frozen 0"));
  }
}
