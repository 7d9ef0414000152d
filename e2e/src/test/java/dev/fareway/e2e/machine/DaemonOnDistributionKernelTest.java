package dev.fareway.e2e.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The packaged daemon on a distribution's own kernel, emulated: with pressure stall information,
 * and without CONFIG_RT_GROUP_SCHED, so that SCHED_FIFO is to be had although the cpu controller is
 * on. Where the kernel is stands in the property {@code fareway.kernel}; {@code ./fareway test
 * node-qemu} sees to it.
 */
@NullUnmarked
@Tag("emulated")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DaemonOnDistributionKernelTest {
  private static DaemonNode node;
  private static NodeSnapshot before;

  @BeforeAll
  static void boot() throws Exception {
    Optional<QemuNode.Kernel> kernel =
        QemuNode.Kernel.below(Path.of(System.getProperty("fareway.kernel", "/")));
    Optional<String> missing =
        QemuNode.missing()
            .or(DaemonNode::missing)
            .or(
                () ->
                    kernel.isEmpty()
                        ? Optional.of("no kernel vmlinuz-*-cloud-amd64 with its modules")
                        : Optional.empty());
    assumeTrue(missing.isEmpty(), () -> "skipped, no emulated node: " + missing.orElseThrow());
    long start = System.nanoTime();
    node =
        DaemonNode.on(
            QemuNode.boot(
                kernel.orElseThrow(), DaemonNode.files(), 768, 512, Duration.ofMinutes(30)));
    System.out.printf("booted and prepared in %d s%n", (System.nanoTime() - start) / 1_000_000_000);
    node.function(1, "dear", "dear", "systemd");
    node.function(2, "middle", "middle", "cgroupfs");
    node.function(3, "cheap", "cheap", "systemd");
    node.hold("dear", 20);
    node.hold("middle", 10);
    node.hold("cheap", 10);
    before = node.snapshot();
    node.startDaemon();
  }

  @AfterAll
  static void powerOff() {
    if (node != null) {
      node.close();
    }
  }

  @Test
  @Order(1)
  void realTime_isInForce_withTheCpuControllerOn() throws Exception {
    node.eventually(
        "all are enforced",
        node.metricIs("fareway_node_function_pods", "-eq 3")
            + " && [ $(cat %s/cpu.idle) = 1 ]".formatted(node.pod("cheap")));
    node.eventually("and looked at", "sleep 5");

    assertTrue(node.shared("daemon.log").contains("Enforcement on node n: RealTime"), node::logs);
    assertEquals(
        Map.of(
            "dear", List.of("policy 1, priority 3"),
            "middle", List.of("policy 1, priority 1"),
            "cheap", List.of("policy 5, priority 0")),
        Map.of(
            "dear", policies("dear"),
            "middle", policies("middle"),
            "cheap", policies("cheap")));
    assertEquals("10000", node.run("cat %s/cpu.weight".formatted(node.pod("dear"))).strip());
    assertEquals("100", node.run("cat %s/cpu.weight".formatted(node.pod("middle"))).strip());
  }

  private static List<String> policies(String function) throws Exception {
    String within = ", in " + node.container(function).substring("/sys/fs/cgroup".length());
    var found = new ArrayList<String>();
    for (var value : node.snapshot().values().entrySet()) {
      if (value.getKey().startsWith("task ") && value.getValue().endsWith(within)) {
        found.add(value.getValue().substring(0, value.getValue().indexOf(", nice")));
      }
    }
    return found;
  }

  @Test
  @Order(2)
  void kernelsWordOfStalls_isHeard() throws Exception {
    assertFalse(node.shared("daemon.log").contains("watermarks alone"), node::logs);

    // It has less than it reads again and again: it stalls, and the node has enough.
    node.run(
        """
        mkdir /sys/fs/cgroup/system.slice/stalls
        cd /sys/fs/cgroup/system.slice
        echo +memory > /sys/fs/cgroup/system.slice/cgroup.subtree_control 2>/dev/null || {
          mkdir -p others
          for process in $(cat cgroup.procs); do echo $process > others/cgroup.procs; done
          echo +memory > cgroup.subtree_control
        }
        echo 12M > stalls/memory.max
        echo max > stalls/memory.swap.max
        sh -c 'echo $$ > /sys/fs/cgroup/system.slice/stalls/cgroup.procs
          exec perl -e "my @a = map { chr(65 + \\$_ % 26) x 1048576 } 1 .. 24; while (1) { substr(\\$_, 1048576 * rand, 1) = 1 for @a }"' \
          < /dev/null > /dev/null 2>&1 &
        echo $! > /stalls.pid
        """);
    try {
      node.eventually(
          "a stall is heard", node.metricIs("fareway_node_memory_stalls_total", "-gt 0"));
    } finally {
      node.run(
          """
          kill -9 $(cat /stalls.pid)
          sleep 2
          cd /sys/fs/cgroup/system.slice
          rmdir stalls
          echo -memory > cgroup.subtree_control
          for process in $(cat others/cgroup.procs); do echo $process > cgroup.procs; done
          rmdir others
          """);
    }
  }

  @Test
  @Order(3)
  void theCheapestAreSwapped_andWhole() throws Exception {
    node.hold("cheap", 250);
    node.hold("middle", 200);

    node.eventually(
        "cheap ones are swapped", node.metricIs("fareway_node_swapped_out_bytes_total", "-gt 0"));
    assertEquals(0, node.number("dear", "memory.swap.current"));
    assertEquals(0, node.metric("fareway_node_kills_total"), node::logs);
    assertTrue(node.check("cheap").contains("250 MiB, 0 wrong"));
  }

  @Test
  @Order(4)
  void allIsPutBack() throws Exception {
    node.stopDaemon();

    NodeSnapshot now = node.snapshot();
    assertEquals(
        List.of(),
        now.changesSince(before, what -> !what.equals("attributes /sys/fs/cgroup")),
        node::logs);
  }
}
