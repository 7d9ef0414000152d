package dev.fareway.node.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A cgroup of this machine's that stands for a node's root, with real processes in it. Everything
 * is gone when it is closed.
 */
final class TestNode implements AutoCloseable {
  private final Path root;
  private final List<Path> created = new ArrayList<>();
  private final List<Function> functions = new ArrayList<>();

  private TestNode(Path root) {
    this.root = root;
  }

  /** A node of its own; aborts the test, saying why, where there can't be one. */
  static TestNode create() throws IOException {
    Path mount = null;
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String[] words = line.split(" ", -1);
      if (words[2].equals("cgroup2")) {
        mount = Path.of(words[1]);
      }
    }
    if (mount == null) {
      return abort("cgroup version 2 is not mounted here");
    }
    var node = new TestNode(mount.resolve("fareway-test-" + ProcessHandle.current().pid()));
    try {
      node.mkdir(node.root);
    } catch (IOException e) {
      return abort("no cgroup can be created in %s: %s".formatted(mount, e));
    }
    return node;
  }

  Path root() {
    return root;
  }

  /** Makes a cgroup below the root. */
  Path mkdir(Path cgroup) throws IOException {
    if (!Files.isDirectory(cgroup)) {
      if (!cgroup.equals(root)) {
        mkdir(Objects.requireNonNull(cgroup.getParent()));
      }
      Files.createDirectory(cgroup);
      created.add(cgroup);
    }
    return cgroup;
  }

  /** The cgroup of a container, as a kubelet with the systemd driver names it. */
  Path systemd(String qos, String uid, String containerId) throws IOException {
    String slice =
        "kubepods-%s.slice/kubepods-%s-pod%s.slice".formatted(qos, qos, uid.replace('-', '_'));
    return mkdir(
        root.resolve("kubepods.slice/%s/cri-containerd-%s.scope".formatted(slice, containerId)));
  }

  /** The cgroup of a container, as a kubelet with the cgroupfs driver names it. */
  Path cgroupfs(String qos, String uid, String containerId) throws IOException {
    return mkdir(root.resolve("kubepods/%s/pod%s/%s".formatted(qos, uid, containerId)));
  }

  /** Starts a process with many threads in a cgroup. */
  Function start(Path cgroup) throws IOException {
    return start(cgroup, 0);
  }

  /** Starts a process at a nice value of its own. */
  Function start(Path cgroup, int nice) throws IOException {
    int step = nice - new SchedulingCalls().get(0).nice();
    var command = new ArrayList<>(List.of("nice", "-n", Integer.toString(step)));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx16m",
            "-cp",
            Path.of("target", "test-classes").toString(),
            FunctionProgram.class.getName()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    var function = new Function(process);
    functions.add(function);
    Files.writeString(cgroup.resolve("cgroup.procs"), Long.toString(process.pid()), US_ASCII);
    function.startThreads(0);
    return function;
  }

  @Override
  public void close() throws IOException {
    for (Function function : functions) {
      function.process.destroyForcibly();
    }
    for (Function function : functions) {
      try {
        if (!function.process.waitFor(10, TimeUnit.SECONDS)) {
          throw new IOException("process %d does not end".formatted(function.process.pid()));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    for (Path cgroup : created.reversed()) {
      remove(cgroup);
    }
  }

  private static void remove(Path cgroup) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        Files.deleteIfExists(cgroup);
        return;
      } catch (IOException e) {
        // The processes have ended; the kernel may count them for a moment longer.
        if (tries == 200) {
          throw e;
        }
        try {
          Thread.sleep(10);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /** A process that stands for a container. */
  static final class Function {
    private final Process process;
    private final BufferedWriter in;
    private final BufferedReader out;

    private Function(Process process) {
      this.process = process;
      this.in = process.outputWriter(US_ASCII);
      this.out = process.inputReader(US_ASCII);
    }

    int pid() {
      return (int) process.pid();
    }

    /** Starts threads in the process, and returns when they run. */
    void startThreads(int count) throws IOException {
      in.write(count + "\n");
      in.flush();
      assertEquals(Integer.toString(count), out.readLine());
    }

    /** How each of its threads is scheduled. */
    Map<Integer, ThreadState> threads(SchedulingCalls calls) throws IOException {
      return threadsOf(pid(), calls);
    }
  }

  /** How each thread of a process is scheduled. */
  static Map<Integer, ThreadState> threadsOf(int pid, SchedulingCalls calls) throws IOException {
    var states = new TreeMap<Integer, ThreadState>();
    try (var tasks = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (Path task : tasks) {
        int tid = Integer.parseInt(task.getFileName().toString());
        try {
          states.put(tid, calls.get(tid));
        } catch (SchedulingCalls.Refused e) {
          if (!e.isGone()) {
            throw e;
          }
        }
      }
    }
    return states;
  }
}
