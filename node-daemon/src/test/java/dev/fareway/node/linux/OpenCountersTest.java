package dev.fareway.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenCountersTest {
  private static final String UID = "8d9d0a67-5dbe-4d4a-9a0c-1f0e7b1c2d3e";

  @Test
  void cpuMicros_areWhatTheKernelSaysNow_andNothingOfOneThatIsGone() throws IOException {
    try (TestNode node = TestNode.create();
        var counters = new OpenCounters()) {
      Path container = node.systemd("burstable", UID, "c".repeat(64));
      Path pod = Objects.requireNonNull(container.getParent());
      assertEquals(OptionalLong.of(0), counters.cpuMicros(pod));

      node.start(container).startThreads(10);

      long before = PodCgroups.cpuMicros(pod).orElseThrow();
      long said = counters.cpuMicros(pod).orElseThrow();
      long after = PodCgroups.cpuMicros(pod).orElseThrow();
      assertEquals(said, Math.clamp(said, before, after));

      Path other = node.systemd("burstable", UID.replace('8', '9'), "d".repeat(64));
      assertEquals(OptionalLong.of(0), counters.cpuMicros(other));
      Files.delete(other);
      assertEquals(OptionalLong.empty(), counters.cpuMicros(other));
    }
  }

  @Test
  void cpuMicros_ofAFileThatSaysSomethingElse_areEmpty(@TempDir Path folder) throws IOException {
    try (var counters = new OpenCounters()) {
      Files.writeString(folder.resolve("cpu.stat"), "nr_periods 7\n");
      assertFalse(counters.cpuMicros(folder).isPresent());

      Files.writeString(folder.resolve("cpu.stat"), "usage_usec 1234567890123\nuser_usec 1\n");
      assertEquals(OptionalLong.of(1234567890123L), counters.cpuMicros(folder));

      counters.retain(Set.of());
      Files.delete(folder.resolve("cpu.stat"));
      assertFalse(counters.cpuMicros(folder).isPresent());
    }
  }
}
