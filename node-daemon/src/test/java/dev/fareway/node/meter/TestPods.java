package dev.fareway.node.meter;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.PodRef;
import dev.fareway.node.core.PricedClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** Pods as real processes in real cgroups of this machine. All is gone when it is closed. */
final class TestPods implements AutoCloseable {
  static final long PRICE = 2001;

  private final Path root;
  private final List<Pod> pods = new ArrayList<>();
  private int next;

  private TestPods(Path root) {
    this.root = root;
  }

  /** Aborts the test, saying why, where there can be none. */
  static TestPods create() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String[] words = line.split(" ", -1);
      if (words[2].equals("cgroup2")) {
        Path root = Path.of(words[1], "fareway-meter-%d".formatted(ProcessHandle.current().pid()));
        try {
          Files.createDirectories(root.resolve("kubepods.slice/kubepods-besteffort.slice"));
          return new TestPods(root);
        } catch (IOException e) {
          return abort("no cgroup can be created in %s: %s".formatted(words[1], e));
        }
      }
    }
    return abort("cgroup version 2 is not mounted here");
  }

  Path root() {
    return root;
  }

  /** A pod. */
  static final class Pod {
    final FunctionPod function;
    final Path cgroup;
    private final Path container;
    private final List<Process> processes = new ArrayList<>();

    Pod(FunctionPod function, Path cgroup, Path container) {
      this.function = function;
      this.cgroup = cgroup;
      this.container = container;
    }

    /** Starts a process in it that counts to a number, and so uses the CPU. */
    Process burn(long count) throws IOException {
      Process process =
          new ProcessBuilder(
                  "/bin/sh",
                  "-c",
                  "echo $$ > \"$0\" && i=0; while [ $i -lt %d ]; do i=$((i+1)); done"
                      .formatted(count),
                  container.resolve("cgroup.procs").toString())
              .inheritIO()
              .start();
      processes.add(process);
      return process;
    }

    /** Ends all its processes. */
    void stop() throws IOException, InterruptedException {
      for (Process process : processes) {
        process.destroyForcibly();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          throw new IOException("process %d does not end".formatted(process.pid()));
        }
      }
      processes.clear();
    }

    /** The kernel's own count. */
    long cpuNanos() throws IOException {
      return 1000
          * Files.readAllLines(cgroup.resolve("cpu.stat"), US_ASCII).stream()
              .filter(line -> line.startsWith("usage_usec "))
              .mapToLong(line -> Long.parseLong(line.substring("usage_usec ".length())))
              .findFirst()
              .orElseThrow();
    }

    void remove() throws IOException, InterruptedException {
      stop();
      TestPods.remove(container);
      TestPods.remove(cgroup);
    }
  }

  Pod create(String function) throws IOException {
    String uid = "00000000-0000-4000-8000-%012d".formatted(next++);
    Path cgroup =
        root.resolve(
            "kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod%s.slice"
                .formatted(uid.replace('-', '_')));
    Path container = cgroup.resolve("cri-containerd-%064d.scope".formatted(next));
    Files.createDirectories(container);
    var pod =
        new Pod(
            new FunctionPod(
                new PodRef("shop", "pod-" + next, uid),
                function,
                new PricedClass("dear", PRICE, true, new ClassStanding(0, OptionalInt.empty(), 1)),
                Map.of(),
                false),
            cgroup,
            container);
    pods.add(pod);
    return pod;
  }

  static void remove(Path cgroup) throws IOException, InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        Files.deleteIfExists(cgroup);
        return;
      } catch (IOException e) {
        // The processes have ended; the kernel may count them for a moment longer.
        if (tries == 500) {
          throw e;
        }
        Thread.sleep(10);
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      for (Pod pod : pods) {
        pod.remove();
      }
      Path slice = root.resolve("kubepods.slice/kubepods-besteffort.slice");
      remove(slice);
      remove(Objects.requireNonNull(slice.getParent()));
      remove(root);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
