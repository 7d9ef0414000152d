package dev.fareway.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.PodRef;
import dev.fareway.node.core.PricedClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Memory on kernels of which each lacks something: the rest is done. A pod's cgroup is a folder
 * here with the files that a kernel would have, for no kernel at hand lacks them.
 */
class KernelsThatLackTest {
  private static final String UID = "8d9d0a67-5dbe-4d4a-9a0c-1f0e7b1c2d3e";
  private static final String ID = "c".repeat(64);
  private static final long DEADLINE = Duration.ofSeconds(10).toNanos();
  private static final FunctionPod POD =
      new FunctionPod(
          new PodRef("shop", "home", UID),
          "home",
          new PricedClass("class", 1, true, new ClassStanding(0, OptionalInt.empty(), 1)),
          Map.of(ID, "user-container"),
          false);

  private static final Map<String, String> OF_A_POD =
      Map.of(
          "memory.stat", "inactive_anon 3000\nactive_anon 4000\nswap 500\nswapcached 100\n",
          "memory.swap.current", "900\n",
          "memory.reclaim", "",
          "cgroup.freeze", "0\n",
          "cgroup.events", "populated 1\nfrozen 1\n",
          "cgroup.procs", "",
          "cpu.stat", "usage_usec 42\n");

  private static final Map<String, String> OF_A_CONTAINER =
      Map.of("memory.swap.max", "0\n", "cgroup.kill", "", "cgroup.procs", "");

  private final Path root;
  private final Path pod;
  private final Path container;
  private final PodMemory memory;

  KernelsThatLackTest(@TempDir Path folder) {
    root = folder;
    pod = folder.resolve("kubepods.slice/kubepods-pod%s.slice".formatted(UID.replace('-', '_')));
    container = pod.resolve("cri-containerd-%s.scope".formatted(ID));
    memory = new PodMemory(folder);
  }

  @BeforeEach
  void fill() throws IOException {
    Files.createDirectories(container);
    Files.writeString(root.resolve("cgroup.controllers"), "cpu memory pids\n");
    for (var file : OF_A_POD.entrySet()) {
      Files.writeString(pod.resolve(file.getKey()), file.getValue());
    }
    for (var file : OF_A_CONTAINER.entrySet()) {
      Files.writeString(container.resolve(file.getKey()), file.getValue());
    }
  }

  @AfterEach
  void close() {
    memory.close();
  }

  /** Does all that is done to a pod; what its files hold afterwards. */
  private Map<String, String> all() throws Exception {
    assertEquals(Map.of(UID, pod), memory.pods());
    memory.allowSwap(POD, pod, true);
    memory.score(POD, pod, 2);
    memory.pushOut(pod, 1000, true, DEADLINE);
    assertEquals(0, memory.bringBack(pod, 1000));
    assertEquals(1, memory.kill(POD, pod));
    var files = new TreeMap<String, String>();
    for (Path folder : List.of(pod, container)) {
      try (var entries = Files.newDirectoryStream(folder, Files::isRegularFile)) {
        for (Path file : entries) {
          files.put(String.valueOf(file.getFileName()), Files.readString(file).strip());
        }
      }
    }
    memory.tidy();
    memory.restore(pod);
    return files;
  }

  @Test
  void kernelThatLacksNothing_isAskedForAll() throws Exception {
    Map<String, String> files = all();

    assertEquals("max", files.get("memory.swap.max"));
    assertEquals("1000", files.get("memory.reclaim"));
    assertEquals("1", files.get("cgroup.kill"));
    // Stopped for a moment: it goes on.
    assertEquals("0", files.get("cgroup.freeze"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "memory.swap.max",
        "memory.reclaim",
        "cgroup.kill",
        "cgroup.freeze",
        "cgroup.events",
        "memory.swap.current",
        "memory.stat"
      })
  void kernelThatLacksAFile_isAskedForTheRest_andTheFileIsNotMade(String lacking) throws Exception {
    Map<String, String> wanted = all();
    fill();
    boolean ofPod = Files.deleteIfExists(pod.resolve(lacking));
    boolean ofContainer = Files.deleteIfExists(container.resolve(lacking));
    assertTrue(ofPod || ofContainer);
    wanted.remove(lacking);

    assertEquals(wanted, all());
    assertFalse(Files.exists(pod.resolve(lacking)) || Files.exists(container.resolve(lacking)));
  }

  @Test
  void swapIsCounted_withAndWithoutAFileOfItsOwn() throws IOException {
    assertEquals(new PodMemory.Sample(7000, 800, 42), memory.sample(pod).orElseThrow());

    Files.delete(pod.resolve("memory.swap.current"));

    assertEquals(new PodMemory.Sample(7000, 500, 42), memory.sample(pod).orElseThrow());
  }

  @Test
  void kernelWithoutMemoryController_isNotAskedForAnything() throws IOException {
    assertTrue(memory.problem().isEmpty());

    Files.writeString(root.resolve("cgroup.controllers"), "cpu pids\n");
    assertTrue(memory.problem().orElseThrow().contains("does not name the memory controller"));

    Files.delete(root.resolve("cgroup.controllers"));
    assertTrue(memory.problem().orElseThrow().contains("can't be read"));
  }

  @Test
  void podThatGoes_isNoError() throws Exception {
    Files.delete(container.resolve("memory.swap.max"));
    for (String file : OF_A_CONTAINER.keySet()) {
      Files.deleteIfExists(container.resolve(file));
    }
    for (String file : OF_A_POD.keySet()) {
      Files.delete(pod.resolve(file));
    }
    Files.delete(container);
    Files.delete(Objects.requireNonNull(container.getParent()));

    memory.allowSwap(POD, pod, true);
    memory.score(POD, pod, 2);
    assertEquals(0, memory.pushOut(pod, 1000, true, DEADLINE));
    assertEquals(0, memory.bringBack(pod, 1000));
    assertTrue(memory.sample(pod).isEmpty());
    memory.restore(pod);
  }
}
