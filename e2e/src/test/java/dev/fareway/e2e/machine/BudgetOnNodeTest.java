package dev.fareway.e2e.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What a throttled function gets on a node with the cpu controller on, as a kubelet has it. */
@NullUnmarked
class BudgetOnNodeTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Path CLASSES = Path.of("../node-daemon/target/classes").toAbsolutePath();
  private static final Path TEST_CLASSES =
      Path.of("../node-daemon/target/test-classes").toAbsolutePath();
  private static final String PROGRAM = "dev.fareway.node.linux.ThrottleProgram";
  private static final String UID = "11111111-1111-1111-1111-111111111111";

  /** At 100 Hz, as this kernel has it. */
  private static final long TICK_MICROS = 10_000;

  private record Step(String name, String cpuMax, long usedMicros, long passedMicros) {
    static Step of(String line) {
      String[] words = line.split(" ", -1);
      return new Step(
          words[0], words[1] + " " + words[2], Long.parseLong(words[3]), Long.parseLong(words[4]));
    }

    /**
     * The most that the kernel lets a group use: its quota in each period, in part or whole, and up
     * to the tick at which it is seen to be over; what it overran is taken off later periods.
     */
    long most(long quota, long period) {
      return quota * (passedMicros / period + 2) + TICK_MICROS;
    }
  }

  @Test
  void throttledFunction_isHeldByTheKernel_andLetGo() throws Exception {
    var missing = UmlNode.missing();
    assumeTrue(
        missing.isEmpty(), () -> "skipped, no User-Mode Linux node: " + missing.orElseThrow());
    Path program = TEST_CLASSES.resolve(PROGRAM.replace('.', '/') + ".class");
    assumeTrue(Files.exists(program), () -> "skipped, the node daemon is not built: " + program);
    List<Step> steps = new ArrayList<>();
    String failures = "";
    try (UmlNode node = UmlNode.boot(UmlOptions.defaults())) {
      String java = System.getProperty("java.home") + "/bin/java";
      for (String line :
          node.run(
                  """
                  echo +cpu > /sys/fs/cgroup/cgroup.subtree_control
                  mkdir -p /sys/fs/cgroup/t/kubepods/pod%s/%s
                  cd /sys/fs/cgroup/t
                  for cgroup in . kubepods kubepods/pod*; do echo +cpu > $cgroup/cgroup.subtree_control; done
                  sh -c 'while :; do :; done' < /dev/null > /dev/null 2>&1 &
                  echo $! > kubepods/pod%s/%s/cgroup.procs
                  %s -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp %s:%s %s %s %s
                  """
                      .formatted(
                          UID,
                          "c".repeat(64),
                          UID,
                          "c".repeat(64),
                          java,
                          CLASSES,
                          TEST_CLASSES,
                          PROGRAM,
                          "/sys/fs/cgroup/t",
                          UID),
                  LIMIT)
              .orThrow()
              .lines()
              .toList()) {
        System.out.println(line);
        if (line.startsWith("failures")) {
          failures = line;
        } else {
          steps.add(Step.of(line));
        }
      }
    }

    assertEquals("failures 0", failures);
    assertEquals(
        List.of("max 100000", "10000 100000", "1000 1000000", "max 100000", "max 100000"),
        steps.stream().map(Step::cpuMax).toList());
    Step ahead = steps.get(1);
    assertTrue(ahead.usedMicros <= ahead.most(10_000, 100_000), ahead::toString);
    Step exhausted = steps.get(2);
    assertTrue(exhausted.usedMicros <= exhausted.most(1000, 1_000_000), exhausted::toString);
    for (Step free : List.of(steps.get(0), steps.get(3), steps.get(4))) {
      assertTrue(free.usedMicros > free.most(1000, 1_000_000), free::toString);
    }
  }
}
