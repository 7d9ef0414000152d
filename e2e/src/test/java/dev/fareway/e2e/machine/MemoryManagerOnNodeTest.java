package dev.fareway.e2e.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

/**
 * The packaged daemon on a node whose functions hold one and a half times its memory. One boot, and
 * one story: the cheapest are swapped, in the order of price; what has room comes back; nobody is
 * killed before swap is full, then the cheapest; what is left is whole, and put back.
 */
@NullUnmarked
@Tag("long")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MemoryManagerOnNodeTest {
  private static final long MIB = 1024 * 1024;
  private static final int MEMORY_MIB = 320;
  private static final int SWAP_MIB = 352;

  /** As the daemon has it by default: 10% of the node's memory. */
  private static final long LOW_BYTES = MEMORY_MIB * MIB / 10;

  private static final List<String> FUNCTIONS = List.of("cheap-a", "cheap-b", "middle", "dear");

  private static DaemonNode node;

  @BeforeAll
  static void boot() throws Exception {
    node =
        NodesForTests.boot(
            new UmlOptions(MEMORY_MIB, SWAP_MIB, Duration.ofSeconds(60), Duration.ofMinutes(5)));
    node.run("echo 5 > /proc/sys/vm/page-cluster");
    node.function(1, "dear", "dear", "systemd");
    node.function(2, "middle", "middle", "cgroupfs");
    node.function(3, "cheap-a", "cheap", "systemd");
    node.function(4, "cheap-b", "cheap", "cgroupfs");
    node.startDaemon("--mode", "Weighted");
  }

  @AfterAll
  static void powerOff() {
    if (node != null) {
      node.close();
    }
  }

  @Test
  @Order(1)
  void theCheapestAreSwapped_inTheOrderOfPrice() throws Exception {
    node.watch("moments", FUNCTIONS);
    node.hold("cheap-a", 90);
    node.hold("cheap-b", 90);
    node.hold("middle", 130);
    node.hold("dear", 75);
    node.endWatch("moments");

    List<Moment> moments =
        node.shared("moments").lines().map(line -> Moment.parse(line, FUNCTIONS.size())).toList();
    assertTrue(moments.size() > 10, () -> "only " + moments.size() + " moments were seen");
    for (Moment moment : moments) {
      long ofCheap = moment.resident().get(0) + moment.resident().get(1);
      assertEquals(0, moment.swapped().get(3), "the dearest is never swapped");
      if (moment.swapped().get(2) > MIB) {
        assertTrue(
            ofCheap < 2 * LOW_BYTES,
            () -> "middle is swapped while cheap ones hold " + ofCheap + ": " + moments);
      }
    }
    Moment last = moments.getLast();
    assertTrue(last.swapped().get(0) + last.swapped().get(1) > 150 * MIB, last::toString);
    assertTrue(last.swapped().get(2) > 20 * MIB, last::toString);
    for (String function : FUNCTIONS) {
      assertEquals(0, node.field(function, "memory.events", "oom_kill"), function);
    }
    assertEquals(0, node.metric("fareway_node_evictions_total"));
    assertEquals(0, node.metric("fareway_node_kills_total"));
  }

  @Test
  @Order(2)
  void memoryComesBackAheadOfUse_dearestFirst_whenThereIsRoom() throws Exception {
    node.want("dear", 0);

    node.eventually(
        "some is brought back",
        node.metricIs("fareway_node_swapped_in_bytes_total", "-gt 10000000"));

    assertTrue(node.check("middle").contains(" 0 wrong"));
    long ofCheap =
        node.number("cheap-a", "memory.swap.current")
            + node.number("cheap-b", "memory.swap.current");
    assertTrue(ofCheap > 150 * MIB, () -> "cheap ones did not run, and have in swap " + ofCheap);
  }

  @Test
  @Order(3)
  void everyByteIsRight_afterItWasSwapped() throws Exception {
    node.want("middle", 0);

    for (String function : List.of("cheap-a", "cheap-b")) {
      String checked = node.check(function);
      assertTrue(checked.startsWith("90 MiB, 0 wrong"), () -> function + ": " + checked);
    }
  }

  @Test
  @Order(4)
  void theCheapestGoesFirst_whenSwapIsFull() throws Exception {
    node.want("dear", 75);
    node.hold("middle", 200);
    node.pace("middle", 100);
    node.want("middle", 400);

    node.eventually("a cheap one is killed", node.died("cheap-a") + " || " + node.died("cheap-b"));

    assertTrue(node.shared("evictions.log").contains("cheap-"), node::logs);
    assertFalse(node.shared("evictions.log").contains("middle"), node::logs);
    assertTrue(node.shared("events.log").contains("EvictedForMemory"), node::logs);
    assertTrue(node.lives("dear"), node::logs);
    assertTrue(node.lives("middle"), node::logs);
    assertEquals(0, node.number("dear", "memory.swap.current"));
  }

  @Test
  @Order(5)
  void whatWasChanged_isPutBack() throws Exception {
    node.pace("middle", 0);
    node.want("middle", 10);

    node.stopDaemon();

    for (String function : List.of("dear", "middle")) {
      assertEquals("0", node.ofContainer(function, "memory.swap.max"), function);
      assertEquals(
          "900",
          node.run(
                  "cat /proc/$(cat %s/cgroup.procs)/oom_score_adj"
                      .formatted(node.container(function)))
              .strip(),
          function);
    }
  }
}
