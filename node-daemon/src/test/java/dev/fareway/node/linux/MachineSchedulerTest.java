package dev.fareway.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fareway.node.core.Capabilities;
import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.Enforcement;
import dev.fareway.node.core.Mode;
import dev.fareway.node.core.ThreadPolicy;
import dev.fareway.node.linux.MachineScheduler.FunctionPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On this machine's own kernel: real processes in cgroups of their own. */
@NullUnmarked
class MachineSchedulerTest {
  private static final List<Path> MOUNTS =
      List.of(Path.of("/sys/fs/cgroup/unified"), Path.of("/sys/fs/cgroup"));
  private static final String DEAR = "11111111-1111-1111-1111-111111111111";
  private static final String CHEAP = "22222222-2222-2222-2222-222222222222";
  private static final ClassStanding INTERACTIVE = new ClassStanding(1, OptionalInt.of(1), 10_000);
  private static final ClassStanding BATCH = new ClassStanding(0, OptionalInt.empty(), 1);

  private final SchedulingCalls calls = new SchedulingCalls();
  private final List<Process> processes = new ArrayList<>();
  private Path root;
  private MachineScheduler scheduler;

  @BeforeEach
  void makeNode() throws Exception {
    Path mount =
        MOUNTS.stream()
            .filter(m -> Files.exists(m.resolve("cgroup.procs")))
            .findFirst()
            .orElse(null);
    assumeTrue(mount != null, "skipped: this machine has no cgroup v2 hierarchy");
    assumeTrue(Files.isWritable(mount), "skipped: cgroups can't be created here without root");
    root = mount.resolve("fareway-test-" + ProcessHandle.current().pid());
    Files.createDirectories(root);
    Capabilities can = new CapabilityProbe(calls).probe(root);
    assumeTrue(can.realTime().isEmpty(), () -> "skipped: " + can.realTime().orElse(""));
    scheduler = scheduler(can, false);
  }

  @AfterEach
  void clearNode() throws Exception {
    for (Process process : processes) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    }
    if (root != null && Files.exists(root)) {
      try (var tree = Files.walk(root)) {
        for (Path directory :
            tree.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
          removeWhenEmpty(directory);
        }
      }
    }
  }

  @Test
  void put_givesEveryThreadThePolicyOfItsClass() throws Exception {
    Process interactive = start(DEAR);
    Process batch = start(CHEAP);

    scheduler.put(new FunctionPod(DEAR, "shop/home", INTERACTIVE, Map.of()));
    scheduler.put(new FunctionPod(CHEAP, "shop/images", BATCH, Map.of()));

    assertTrue(policies(interactive).size() > 10, "a JVM has many threads");
    assertAll(interactive, new ThreadPolicy.RealTime(1));
    assertAll(batch, new ThreadPolicy.Idle());
  }

  @Test
  void threads_thatAreBornLater_inheritThePolicy() throws Exception {
    Process interactive = start(DEAR);
    scheduler.put(new FunctionPod(DEAR, "shop/home", INTERACTIVE, Map.of()));
    int before = policies(interactive).size();

    // The function starts eight threads when it is spoken to.
    interactive.outputWriter().append("more\n").flush();
    assertEquals("started", interactive.inputReader().readLine());

    assertTrue(policies(interactive).size() >= before + 8);
    assertAll(interactive, new ThreadPolicy.RealTime(1));
  }

  @Test
  void restoreAll_putsBackWhatWas_andOthersWereNeverTouched() throws Exception {
    Process interactive = start(DEAR);
    Process other = start("33333333-3333-3333-3333-333333333333");
    Map<Integer, ThreadPolicy> ours = policies(ProcessHandle.current().pid());

    scheduler.put(new FunctionPod(DEAR, "shop/home", INTERACTIVE, Map.of()));
    scheduler.enforceAll();
    assertAll(other, new ThreadPolicy.Normal());
    scheduler.restoreAll();

    assertAll(interactive, new ThreadPolicy.Normal());
    policies(ProcessHandle.current().pid())
        .forEach((tid, policy) -> assertEquals(ours.getOrDefault(tid, policy), policy));
  }

  @Test
  void put_takesANewClassAtOnce_andRemovePutsBack() throws Exception {
    Process function = start(DEAR);
    scheduler.put(new FunctionPod(DEAR, "shop/home", BATCH, Map.of()));
    assertAll(function, new ThreadPolicy.Idle());

    scheduler.put(new FunctionPod(DEAR, "shop/home", INTERACTIVE, Map.of()));
    assertAll(function, new ThreadPolicy.RealTime(1));

    scheduler.remove(DEAR);
    assertAll(function, new ThreadPolicy.Normal());
  }

  @Test
  void newDaemon_takesOver_whatAnEarlierOneLeft() throws Exception {
    Process function = start(DEAR);
    scheduler.put(new FunctionPod(DEAR, "shop/home", INTERACTIVE, Map.of()));
    var second = scheduler(new CapabilityProbe(calls).probe(root), false);

    second.put(new FunctionPod(DEAR, "shop/home", INTERACTIVE, Map.of()));
    assertAll(function, new ThreadPolicy.RealTime(1));
    second.restoreAll();

    assertAll(function, new ThreadPolicy.Normal());
  }

  @Test
  void dryRun_countsAndChangesNothing() throws Exception {
    Process function = start(DEAR);
    var dry = scheduler(new CapabilityProbe(calls).probe(root), true);

    dry.put(new FunctionPod(DEAR, "shop/home", INTERACTIVE, Map.of()));

    assertTrue(dry.changes() > 10);
    assertAll(function, new ThreadPolicy.Normal());
  }

  @Test
  void watch_tellsOfAPod_whenItsFirstProcessEnters() throws Exception {
    var seen = new java.util.concurrent.LinkedBlockingQueue<String>();
    var watch = new CgroupWatch(root, seen::add);
    try {
      start(DEAR);

      assertEquals(DEAR, seen.poll(10, TimeUnit.SECONDS));
    } finally {
      watch.close();
    }
  }

  private MachineScheduler scheduler(Capabilities can, boolean dryRun) {
    return new MachineScheduler(
        new PodCgroups(root), calls, Enforcement.choose(Mode.REAL_TIME, can), dryRun);
  }

  /** A function: a JVM in a container's cgroup, as the kubelet would lay it out. */
  private Process start(String uid) throws Exception {
    Path container =
        Files.createDirectories(
            root.resolve("kubepods.slice/kubepods-burstable.slice")
                .resolve("kubepods-burstable-pod%s.slice".formatted(uid.replace('-', '_')))
                .resolve("cri-containerd-%s.scope".formatted("cd".repeat(32))));
    Process process =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "echo $$ > \"$0/cgroup.procs\" && exec \"$@\"",
                container.toString(),
                System.getProperty("java.home") + "/bin/java",
                "-Xmx32m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ThreadedFunction.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    processes.add(process);
    assertEquals("ready", process.inputReader().readLine());
    return process;
  }

  private void assertAll(Process process, ThreadPolicy expected) throws IOException {
    policies(process).forEach((tid, policy) -> assertEquals(expected, policy, "thread " + tid));
  }

  private Map<Integer, ThreadPolicy> policies(Process process) throws IOException {
    return policies(process.pid());
  }

  private Map<Integer, ThreadPolicy> policies(long pid) throws IOException {
    var policies = new TreeMap<Integer, ThreadPolicy>();
    try (var tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (Path task : tasks.toList()) {
        int tid = Integer.parseInt(task.getFileName().toString());
        try {
          policies.put(tid, calls.get(tid));
        } catch (SchedulingCalls.Refused e) {
          assertTrue(e.isGone(), e.getMessage());
        }
      }
    }
    return policies;
  }

  private static void removeWhenEmpty(Path cgroup) throws Exception {
    for (int tries = 0; tries < 100; tries++) {
      try {
        Files.deleteIfExists(cgroup);
        return;
      } catch (IOException e) {
        Thread.sleep(20);
      }
    }
  }
}
