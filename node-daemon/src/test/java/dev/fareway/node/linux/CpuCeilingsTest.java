package dev.fareway.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.node.core.BudgetCap;
import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.PodRef;
import dev.fareway.node.core.PricedClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On plain files: that the kernel holds a cgroup to what they say is shown on a real node. */
class CpuCeilingsTest {
  private static final String UNLIMITED = "max 100000";

  @TempDir Path cgroup = Path.of("");
  private final CpuCeilings ceilings = new CpuCeilings(new CgroupSettings());

  private static FunctionPod pod(int cpuMillis) {
    return new FunctionPod(
        new PodRef("shop", "cart", "uid"),
        "cart",
        new PricedClass("batch", 1, true, new ClassStanding(0, OptionalInt.empty(), 1)),
        Map.of(),
        false,
        cpuMillis == 0
            ? BudgetCap.NONE
            : new BudgetCap(Optional.empty(), OptionalInt.of(cpuMillis)));
  }

  private String now() throws IOException {
    return Files.readString(cgroup.resolve("cpu.max")).strip();
  }

  private void kubeletWrites(String value) throws IOException {
    Files.writeString(cgroup.resolve("cpu.max"), value + "\n");
  }

  @Test
  void hold_limitsAThrottledPod_andLetsItGoAgain() throws IOException {
    kubeletWrites(UNLIMITED);

    assertTrue(ceilings.hold(pod(100), cgroup));
    assertEquals("10000 100000", now());
    assertFalse(ceilings.hold(pod(100), cgroup));
    assertTrue(ceilings.hold(pod(1), cgroup));
    assertEquals("1000 1000000", now());
    assertTrue(ceilings.hold(pod(100), cgroup));
    assertEquals("10000 100000", now());

    ceilings.hold(pod(0), cgroup);
    assertEquals(UNLIMITED, now());
  }

  @Test
  void hold_leavesALowerLimitOfThePodsOwn() throws IOException {
    kubeletWrites("5000 100000");

    assertFalse(ceilings.hold(pod(100), cgroup));
    assertEquals("5000 100000", now());
    assertTrue(ceilings.hold(pod(1), cgroup));
    assertEquals("1000 1000000", now());
    ceilings.hold(pod(100), cgroup);
    assertEquals("5000 100000", now());
  }

  @Test
  void hold_isWhatTheNextDaemonPutsBack() throws IOException {
    kubeletWrites(UNLIMITED);
    ceilings.hold(pod(1), cgroup);

    new CpuCeilings(new CgroupSettings()).hold(pod(0), cgroup);

    // In memory, where this file system has no attributes, it is gone with the daemon.
    assertTrue(now().equals(UNLIMITED) || !hasAttributes());
  }

  private boolean hasAttributes() throws IOException {
    return Files.getFileStore(cgroup)
        .supportsFileAttributeView(java.nio.file.attribute.UserDefinedFileAttributeView.class);
  }

  @Test
  void hold_isAgainstWhatTheKubeletWritesMeanwhile() throws IOException {
    kubeletWrites(UNLIMITED);
    ceilings.hold(pod(1), cgroup);
    kubeletWrites("200000 100000");

    assertTrue(ceilings.hold(pod(1), cgroup));
    assertEquals("1000 1000000", now());
    ceilings.hold(pod(0), cgroup);
    assertEquals("200000 100000", now());
  }

  @Test
  void hold_doesWithoutTheController() throws IOException {
    assertFalse(ceilings.hold(pod(1), cgroup));
    assertFalse(Files.exists(cgroup.resolve("cpu.max")));
  }
}
