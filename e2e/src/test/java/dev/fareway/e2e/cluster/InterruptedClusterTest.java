package dev.fareway.e2e.cluster;

import static dev.fareway.e2e.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program with a cluster that is told to end, as by Ctrl-C. */
final class InterruptedClusterTest {

  private static final int END_SECONDS = 30;

  /** Such a program: a cluster with a pod, whose process id it writes down. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      var cluster =
          LocalCluster.start(LocalClusterOptions.in(folder).withApiServer(ApiServerKind.AUTO));
      var node = cluster.startNode("node-a");
      var pod = cluster.client().resource(Pods.shell("left", "exec sleep 600")).create();
      Pods.bind(cluster.client(), pod, "node-a");
      eventually("the pod runs", () -> node.processes(pod).containsKey("main"));
      Path found = folder.resolve("found.part");
      Files.writeString(
          found,
          node.processes(pod).get("main")
              + "\n"
              + node.cgroupRoot().map(Path::toString).orElse("/nothing"));
      Files.move(found, folder.resolve("found"));
      TimeUnit.SECONDS.sleep(600);
    }
  }

  @Test
  void end_leavesNoProcessCgroupOrFile_whenTheClusterRuns(@TempDir Path folder) throws Exception {
    Process program = start(folder);
    try {
      Path found = folder.resolve("found");
      eventually("the cluster runs", () -> Files.exists(found) || !program.isAlive());
      assertTrue(program.isAlive(), () -> "it ended: " + output(folder));
      List<ProcessHandle> processes = program.descendants().toList();
      List<String> lines = Files.readAllLines(found);
      long pid = Long.parseLong(lines.getFirst());
      assertTrue(processes.stream().anyMatch(process -> process.pid() == pid));

      end(program);

      assertTrue(processes.stream().noneMatch(ProcessHandle::isAlive));
      assertFalse(Files.exists(Path.of(lines.getLast())));
      assertNothingIsLeftIn(folder);
    } finally {
      program.destroyForcibly();
    }
  }

  @Test
  void end_leavesNoProcessOrFile_whenTheApiServerStarts(@TempDir Path folder) throws Exception {
    Process program = start(folder);
    try {
      // With the mock there is none, and it ends at whatever point it is.
      eventually(
          "it has started a process",
          () -> program.children().findAny().isPresent() || Files.exists(folder.resolve("found")));
      List<ProcessHandle> processes = program.descendants().toList();

      end(program);

      assertTrue(processes.stream().noneMatch(ProcessHandle::isAlive));
      assertNothingIsLeftIn(folder);
    } finally {
      program.destroyForcibly();
    }
  }

  private static Process start(Path folder) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Program.class.getName(),
            folder.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("output").toFile())
        .start();
  }

  private static void end(Process program) throws InterruptedException {
    program.destroy();
    assertTrue(program.waitFor(END_SECONDS, TimeUnit.SECONDS), "it has not ended");
  }

  private static void assertNothingIsLeftIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> left =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !List.of("found", "output", "logs").contains(name))
              .toList();
      assertTrue(left.isEmpty(), () -> left + " are left; it printed: " + output(folder));
    }
  }

  private static String output(Path folder) {
    try {
      return Files.readString(folder.resolve("output"));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
