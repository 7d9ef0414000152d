package dev.fareway.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodCgroupsTest {
  private static final String UID = "0f3c9c1e-7a54-4b55-9d3e-2f8f3f1f9a01";
  private static final String ID = "ab".repeat(32);
  @TempDir private Path root;

  @Test
  void pods_areFound_inTheSystemdLayout() throws Exception {
    Path burstable =
        pod(
            "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%s.slice"
                .formatted(UID.replace('-', '_')));

    assertEquals(Map.of(UID, burstable), new PodCgroups(root).pods());
    assertEquals(Optional.of(burstable), new PodCgroups(root).find(UID));
  }

  @Test
  void pods_areFound_directlyBelowTheTop_whenTheyAreGuaranteed() throws Exception {
    Path guaranteed = pod("kubepods.slice/kubepods-pod%s.slice".formatted(UID.replace('-', '_')));

    assertEquals(Map.of(UID, guaranteed), new PodCgroups(root).pods());
    assertEquals(Optional.of(guaranteed), new PodCgroups(root).find(UID));
  }

  @Test
  void pods_areFound_inTheCgroupfsLayout() throws Exception {
    Path bestEffort = pod("kubepods/besteffort/pod" + UID);

    assertEquals(Map.of(UID, bestEffort), new PodCgroups(root).pods());
    assertEquals(Optional.of(bestEffort), new PodCgroups(root).find(UID));
  }

  @Test
  void pods_areNotMadeOfOtherDirectories() throws Exception {
    pod("kubepods.slice/kubepods-burstable.slice/other.slice");
    pod("system.slice/kubepods-pod%s.slice".formatted(UID.replace('-', '_')));

    assertEquals(Map.of(), new PodCgroups(root).pods());
    assertEquals(Optional.empty(), new PodCgroups(root).find(UID));
  }

  @Test
  void containerId_isReadFromTheScope_andFromWhatIsBelowIt() {
    assertEquals(
        Optional.of(ID), PodCgroups.containerId(Path.of("/x/cri-containerd-" + ID + ".scope")));
    assertEquals(
        Optional.of(ID), PodCgroups.containerId(Path.of("/x/crio-" + ID + ".scope/container")));
    assertEquals(Optional.of(ID), PodCgroups.containerId(Path.of("/x/" + ID)));
  }

  @Test
  void problem_namesTheDirectoryAndTheOption() {
    String problem = new PodCgroups(root.resolve("nowhere")).problem().orElseThrow();

    assertTrue(problem.contains("nowhere") && problem.contains("--cgroup-root"), problem);
  }

  private Path pod(String path) throws Exception {
    return Files.createDirectories(root.resolve(path));
  }
}
