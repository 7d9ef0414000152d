package dev.fareway.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a daemon leaves that was killed, on this machine's own kernel. */
class LeftOversTest {
  private final TestNode node;

  LeftOversTest() throws IOException {
    node = TestNode.create();
  }

  @AfterEach
  void close() throws IOException {
    node.close();
  }

  @Test
  void probe_removesCgroups_ofOneThatWasKilled() throws IOException {
    Path left = node.mkdir(node.root().resolve("fareway-probe-999999999"));

    var _ = new CapabilityProbe(new SchedulingCalls()).probe(node.root());

    assertFalse(Files.exists(left));
    try (var all = Files.newDirectoryStream(node.root(), "fareway-probe-*")) {
      assertFalse(all.iterator().hasNext());
    }
  }

  @Test
  void thawLeftOver_letsAPodGoOn_thatWasFrozenByOneThatWasKilled() throws IOException {
    Path container =
        node.systemd("burstable", "8d9d0a67-5dbe-4d4a-9a0c-1f0e7b1c2d3e", "c".repeat(64));
    Path pod = Objects.requireNonNull(container.getParent());
    assertTrue(new CgroupSettings().set(pod, "cgroup.freeze", "1", "1"));

    new PodMemory(node.root()).thawLeftOver(pod);

    assertEquals("0", Files.readString(pod.resolve("cgroup.freeze")).strip());
  }

  @Test
  void thawLeftOver_leavesAPodFrozen_thatSomebodyElseHasFrozen() throws IOException {
    Path container =
        node.systemd("burstable", "8d9d0a67-5dbe-4d4a-9a0c-1f0e7b1c2d3e", "c".repeat(64));
    Path pod = Objects.requireNonNull(container.getParent());
    Files.writeString(pod.resolve("cgroup.freeze"), "1");

    new PodMemory(node.root()).thawLeftOver(pod);

    assertEquals("1", Files.readString(pod.resolve("cgroup.freeze")).strip());
    Files.writeString(pod.resolve("cgroup.freeze"), "0");
  }
}
