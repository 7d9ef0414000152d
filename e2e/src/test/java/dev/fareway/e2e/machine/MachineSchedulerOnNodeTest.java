package dev.fareway.e2e.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The node daemon's machine scheduler on a node with cgroup v2 alone, whose kernel has
 * CONFIG_RT_GROUP_SCHED: with the cpu controller off it allows SCHED_FIFO, with it on, as a kubelet
 * has it, it refuses.
 */
@NullUnmarked
class MachineSchedulerOnNodeTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Path CLASSES = Path.of("../node-daemon/target/classes").toAbsolutePath();
  private static final Path TEST_CLASSES =
      Path.of("../node-daemon/target/test-classes").toAbsolutePath();
  private static final String PROGRAM = "dev.fareway.node.linux.EnforcementProgram";

  private static final String DEAR = "11111111-1111-1111-1111-111111111111";
  private static final String MIDDLE = "22222222-2222-2222-2222-222222222222";
  private static final String CHEAP = "33333333-3333-3333-3333-333333333333";

  private static UmlNode node;

  @BeforeAll
  static void boot() throws Exception {
    var missing = UmlNode.missing();
    assumeTrue(
        missing.isEmpty(), () -> "skipped, no User-Mode Linux node: " + missing.orElseThrow());
    Path program = TEST_CLASSES.resolve(PROGRAM.replace('.', '/') + ".class");
    assumeTrue(Files.exists(program), () -> "skipped, the node daemon is not built: " + program);
    node = UmlNode.boot(UmlOptions.defaults());
    // A dear pod by the systemd driver's names, two others by the cgroupfs driver's; and what is no
    // pod.
    node.run(
            """
            mkdir -p /sys/fs/cgroup/t/system.slice
            cd /sys/fs/cgroup/t
            scope=kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%s.slice/cri-containerd-%s.scope
            middle=kubepods/besteffort/pod%s/%s
            cheap=kubepods/pod%s/%s
            for cgroup in $scope $middle $cheap system.slice; do
              mkdir -p $cgroup
              sleep 100000 < /dev/null > /dev/null 2>&1 &
              echo $! > $cgroup/cgroup.procs
            done
            """
                .formatted(
                    DEAR.replace('-', '_'),
                    "a".repeat(64),
                    MIDDLE,
                    "b".repeat(64),
                    CHEAP,
                    "c".repeat(64)),
            LIMIT)
        .orThrow();
  }

  @AfterAll
  static void powerOff() {
    if (node != null) {
      node.close();
    }
  }

  private static void cpuController(String sign) throws Exception {
    // From the top down to switch on, from the bottom up to switch off.
    String order = sign.equals("+") ? "sort" : "sort -r";
    node.run(
            """
            cd /sys/fs/cgroup
            for cgroup in $(find . t -type d -name 'burstable' -o -type d -name besteffort -o -type d -name t \
                -o -type d -name 'kubepods*' ! -name '*-pod*' -o -type d -name . | %s | uniq); do
              echo %scpu > $cgroup/cgroup.subtree_control
            done
            """
                .formatted(order, sign),
            LIMIT)
        .orThrow();
  }

  private static void usualWeights() throws Exception {
    node.run(
            "for weight in $(find /sys/fs/cgroup/t -name cpu.weight -path '*pod*'); do echo 100 > $weight; done",
            LIMIT)
        .orThrow();
  }

  private static List<String> enforce(String end) throws Exception {
    String java = System.getProperty("java.home") + "/bin/java";
    return node.run(
            "%s -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp %s:%s %s %s %s %s %s %s"
                .formatted(
                    java,
                    CLASSES,
                    TEST_CLASSES,
                    PROGRAM,
                    "/sys/fs/cgroup/t",
                    end,
                    DEAR,
                    MIDDLE,
                    CHEAP),
            LIMIT)
        .orThrow()
        .lines()
        .toList();
  }

  @Test
  void realTime_isInForce_withoutCpuController() throws Exception {
    cpuController("-");

    List<String> lines = enforce("restore");

    assertTrue(lines.getFirst().startsWith("enforcement RealTime: "), lines::toString);
    assertEquals(
        List.of(
            "enforced %s threads=[1/3/0] weight=- idle=-".formatted(DEAR),
            "enforced %s threads=[1/1/0] weight=- idle=-".formatted(MIDDLE),
            "enforced %s threads=[5/0/0] weight=- idle=-".formatted(CHEAP),
            "restored %s threads=[0/0/0] weight=- idle=-".formatted(DEAR),
            "restored %s threads=[0/0/0] weight=- idle=-".formatted(MIDDLE),
            "restored %s threads=[0/0/0] weight=- idle=-".formatted(CHEAP),
            "failures 0"),
        lines.subList(1, lines.size()));
  }

  @Test
  void weights_areInForce_withCpuController_andAreRestoredAfterACrash() throws Exception {
    cpuController("+");
    node.run(
            """
            cd /sys/fs/cgroup/t
            echo 39 > kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%s.slice/cpu.weight
            echo 20 > kubepods/pod%s/cpu.weight
            """
                .formatted(DEAR.replace('-', '_'), CHEAP),
            LIMIT)
        .orThrow();

    List<String> crashed = enforce("crash");
    List<String> lines = enforce("restore");

    assertTrue(crashed.getFirst().startsWith("enforcement Weighted: "), crashed::toString);
    assertTrue(crashed.getFirst().contains("EPERM"), crashed::toString);
    List<String> enforced =
        List.of(
            "enforced %s threads=[0/0/0] weight=10000 idle=0".formatted(DEAR),
            "enforced %s threads=[0/0/0] weight=100 idle=0".formatted(MIDDLE),
            "enforced %s threads=[5/0/0] weight=0 idle=1".formatted(CHEAP));
    assertEquals(enforced, crashed.subList(1, 4));
    assertEquals("failures 0", crashed.getLast());
    assertEquals(enforced, lines.subList(1, 4));
    assertEquals(
        List.of(
            "restored %s threads=[0/0/0] weight=39 idle=0".formatted(DEAR),
            "restored %s threads=[0/0/0] weight=100 idle=0".formatted(MIDDLE),
            "restored %s threads=[0/0/0] weight=20 idle=0".formatted(CHEAP),
            "failures 0"),
        lines.subList(4, 8));
  }

  @Test
  void whatACrashLeft_isPutBack_withoutAnotherDaemon() throws Exception {
    for (String controller : List.of("-", "+")) {
      cpuController(controller);
      if (controller.equals("+")) {
        usualWeights();
      }
      List<String> crashed = enforce("crash");

      List<String> lines = enforce("left");

      String weights = controller.equals("+") ? "weight=100 idle=0" : "weight=- idle=-";
      assertEquals("failures 0", crashed.getLast());
      assertEquals(
          List.of(
              "all true",
              "restored %s threads=[0/0/0] %s".formatted(DEAR, weights),
              "restored %s threads=[0/0/0] %s".formatted(MIDDLE, weights),
              "restored %s threads=[0/0/0] %s".formatted(CHEAP, weights)),
          lines.subList(1, lines.size()));
    }
  }
}
