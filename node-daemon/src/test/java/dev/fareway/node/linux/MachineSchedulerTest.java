package dev.fareway.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.fareway.node.core.Capabilities;
import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.Enforcement;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.Mode;
import dev.fareway.node.core.PodRef;
import dev.fareway.node.core.PricedClass;
import dev.fareway.node.core.RealTimeGuard;
import dev.fareway.node.core.ThreadPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On this machine's own kernel, with real processes. */
class MachineSchedulerTest {

  private static final String UID = "8d9d0a67-5dbe-4d4a-9a0c-1f0e7b1c2d3e";
  private static final String OTHER_UID = "0b6ff2bc-64cf-4b63-8d5a-7a0f3c1e9d21";
  private static final String CONTAINER = "c".repeat(64);
  private static final String SIDECAR = "5".repeat(64);

  private static final ClassStanding BATCH = new ClassStanding(0, OptionalInt.empty(), 1);
  private static final ClassStanding STANDARD = new ClassStanding(1, OptionalInt.of(1), 100);
  private static final ClassStanding INTERACTIVE = new ClassStanding(2, OptionalInt.of(3), 10_000);

  private final SchedulingCalls calls = new SchedulingCalls();
  private TestNode node;
  private Capabilities capabilities;

  MachineSchedulerTest() throws IOException {
    node = TestNode.create();
    capabilities = new CapabilityProbe(calls).probe(node.root());
  }

  @BeforeEach
  void realTimeIsAllowed() throws IOException {
    Optional<String> why = capabilities.realTime().or(capabilities::idle);
    if (why.isPresent()) {
      node.close();
      abort("threads can't be scheduled here: " + why.get());
    }
  }

  @AfterEach
  void close() throws IOException {
    node.close();
  }

  private MachineScheduler scheduler(Mode mode, boolean dryRun) {
    return new MachineScheduler(
        new PodCgroups(node.root()), calls, Enforcement.choose(mode, capabilities), dryRun);
  }

  private static FunctionPod pod(String uid, ClassStanding standing) {
    return new FunctionPod(
        new PodRef("shop", "home", uid),
        "home",
        new PricedClass("class", 1, true, standing),
        Map.of(CONTAINER, "user-container", SIDECAR, "queue-proxy"),
        false);
  }

  private static ThreadState fifo(int priority) {
    return new ThreadState(ThreadState.SCHED_FIFO, 0, 0, priority);
  }

  private static void assertAll(ThreadState expected, Map<Integer, ThreadState> threads) {
    assertEquals(Set.of(expected), distinct(threads.values()), threads::toString);
  }

  private static <T> Set<T> distinct(Collection<T> values) {
    return values.stream().collect(Collectors.toSet());
  }

  @Test
  void put_setsEveryThread_inBothNamingStyles() throws IOException {
    var systemd = node.start(node.systemd("burstable", UID, CONTAINER));
    var cgroupfs = node.start(node.cgroupfs("besteffort", OTHER_UID, CONTAINER));
    systemd.startThreads(40);
    cgroupfs.startThreads(40);
    var scheduler = scheduler(Mode.AUTO, false);

    scheduler.put(pod(UID, INTERACTIVE));
    scheduler.put(pod(OTHER_UID, BATCH));

    assertTrue(systemd.threads(calls).size() > 40);
    assertAll(fifo(3), systemd.threads(calls));
    assertAll(ThreadState.USUAL.under(new ThreadPolicy.Idle()), cgroupfs.threads(calls));
    assertEquals(0, scheduler.failures());
  }

  @Test
  void threads_bornLater_inherit() throws IOException {
    var function = node.start(node.systemd("burstable", UID, CONTAINER));
    scheduler(Mode.AUTO, false).put(pod(UID, INTERACTIVE));

    function.startThreads(20);

    assertAll(fifo(3), function.threads(calls));
  }

  @Test
  void put_setsSidecarOneAbove_andWhatRuntimesPutBelowAContainer() throws IOException {
    Path container = node.systemd("burstable", UID, CONTAINER);
    var function = node.start(node.mkdir(container.resolve("container")));
    var sidecar = node.start(node.systemd("burstable", UID, SIDECAR));

    scheduler(Mode.AUTO, false).put(pod(UID, STANDARD));

    assertAll(fifo(1), function.threads(calls));
    assertAll(fifo(2), sidecar.threads(calls));
  }

  @Test
  void put_appliesAnotherClassAtOnce() throws IOException {
    var function = node.start(node.systemd("burstable", UID, CONTAINER));
    var scheduler = scheduler(Mode.AUTO, false);
    scheduler.put(pod(UID, BATCH));

    scheduler.put(pod(UID, INTERACTIVE));

    assertAll(fifo(3), function.threads(calls));
  }

  @Test
  void restoreAll_putsEveryThreadBack_thoseBornLaterToo() throws IOException {
    var function = node.start(node.systemd("burstable", UID, CONTAINER), 5);
    function.startThreads(10);
    Map<Integer, ThreadState> before = function.threads(calls);
    assertAll(new ThreadState(ThreadState.SCHED_OTHER, 0, 5, 0), before);
    var scheduler = scheduler(Mode.AUTO, false);
    scheduler.put(pod(UID, INTERACTIVE));
    function.startThreads(10);

    scheduler.restoreAll();

    Map<Integer, ThreadState> after = function.threads(calls);
    before.forEach((tid, state) -> assertEquals(state, after.getOrDefault(tid, state)));
    assertEquals(
        Set.of(ThreadState.SCHED_OTHER),
        distinct(after.values().stream().map(ThreadState::policy).toList()));
  }

  @Test
  void restoreAll_afterARestart_leavesNothingOfAnEarlierDaemon() throws IOException {
    var function = node.start(node.systemd("burstable", UID, CONTAINER));
    function.startThreads(10);
    // An earlier daemon, killed, when the class had another rank.
    scheduler(Mode.AUTO, false).put(pod(UID, STANDARD));
    var scheduler = scheduler(Mode.AUTO, false);
    scheduler.put(pod(UID, INTERACTIVE));
    assertAll(fifo(3), function.threads(calls));

    scheduler.restoreAll();

    assertAll(ThreadState.USUAL, function.threads(calls));
  }

  @Test
  void restoreLeft_putsBackWhatAKilledDaemonLeft_andNoOtherPods() throws IOException {
    var function = node.start(node.systemd("burstable", UID, CONTAINER));
    function.startThreads(10);
    var other = node.start(node.cgroupfs("besteffort", OTHER_UID, CONTAINER));
    var killed = scheduler(Mode.AUTO, false);
    killed.put(pod(UID, INTERACTIVE));
    killed.put(pod(OTHER_UID, INTERACTIVE));

    assertTrue(scheduler(Mode.AUTO, false).restoreLeft(pod(UID, INTERACTIVE)));

    assertAll(ThreadState.USUAL, function.threads(calls));
    assertAll(fifo(3), other.threads(calls));
  }

  @Test
  void restoreLeft_ofAPodThatIsGone_isDone() {
    assertTrue(scheduler(Mode.AUTO, false).restoreLeft(pod(UID, INTERACTIVE)));
  }

  @Test
  void put_leavesEverythingElseAlone() throws IOException {
    var function = node.start(node.systemd("burstable", UID, CONTAINER));
    var otherPod = node.start(node.systemd("burstable", OTHER_UID, CONTAINER));
    var outside = node.start(node.mkdir(node.root().resolve("system.slice")));
    Map<Integer, ThreadState> us = TestNode.threadsOf((int) ProcessHandle.current().pid(), calls);
    var scheduler = scheduler(Mode.AUTO, false);

    scheduler.put(pod(UID, INTERACTIVE));
    scheduler.enforceAll();

    assertAll(fifo(3), function.threads(calls));
    assertAll(ThreadState.USUAL, otherPod.threads(calls));
    assertAll(ThreadState.USUAL, outside.threads(calls));
    Map<Integer, ThreadState> usAfter =
        TestNode.threadsOf((int) ProcessHandle.current().pid(), calls);
    us.forEach((tid, state) -> assertEquals(state, usAfter.getOrDefault(tid, state)));
  }

  @Test
  void put_onlyCounts_inADryRun() throws IOException {
    var function = node.start(node.systemd("burstable", UID, CONTAINER));
    var scheduler = scheduler(Mode.AUTO, true);

    scheduler.put(pod(UID, INTERACTIVE));
    scheduler.restoreAll();

    assertAll(ThreadState.USUAL, function.threads(calls));
    assertTrue(scheduler.changes() >= function.threads(calls).size());
  }

  @Test
  void put_niceValuesByWeight_whenWeightedWithoutCpuController() throws IOException {
    if (capabilities.weights().isEmpty()) {
      abort("the cpu controller is on here: weights are used");
    }
    var standard = node.start(node.systemd("burstable", UID, CONTAINER));
    var batch = node.start(node.systemd("burstable", OTHER_UID, CONTAINER));
    var scheduler = scheduler(Mode.WEIGHTED, false);

    scheduler.put(pod(UID, STANDARD));
    scheduler.put(pod(OTHER_UID, BATCH));

    assertAll(new ThreadState(ThreadState.SCHED_OTHER, 0, 10, 0), standard.threads(calls));
    assertAll(ThreadState.USUAL.under(new ThreadPolicy.Idle()), batch.threads(calls));
    scheduler.restoreAll();
    assertAll(ThreadState.USUAL, standard.threads(calls));
    assertAll(ThreadState.USUAL, batch.threads(calls));
  }

  @Test
  void remove_putsBack_whenAPodIsNoFunctionAnyMore() throws IOException {
    var function = node.start(node.systemd("burstable", UID, CONTAINER));
    var scheduler = scheduler(Mode.AUTO, false);
    scheduler.put(pod(UID, INTERACTIVE));

    scheduler.remove(UID);

    assertAll(ThreadState.USUAL, function.threads(calls));
    assertEquals(0, scheduler.podCount());
  }

  @Test
  void guard_takesAClassOffRealTime_andBack() throws IOException {
    var function = node.start(node.systemd("burstable", UID, CONTAINER));
    // Where it can't be read, the machine counts as busy and the pods' own use decides.
    var scheduler =
        new MachineScheduler(
            new PodCgroups(node.root()),
            calls,
            Enforcement.choose(Mode.AUTO, capabilities),
            false,
            new RealTimeGuard(),
            new CpuTime(node.root().resolve("absent")));
    scheduler.put(pod(UID, STANDARD));

    // Samples of no length: any CPU time used between them is more than the CPUs have.
    var use = new RealTimeUse();
    scheduler.guard(use.sample(scheduler.sampled(), 1, 1));
    for (int i = 0; i < 100 && scheduler.realTimeFloor() == 0; i++) {
      function.startThreads(1);
      scheduler.guard(use.sample(scheduler.sampled(), 1, 1));
    }
    assertEquals(2, scheduler.realTimeFloor());
    assertEquals(
        Set.of(ThreadState.SCHED_OTHER),
        distinct(function.threads(calls).values().stream().map(ThreadState::policy).toList()));

    for (int i = 0; i < 100 && scheduler.realTimeFloor() > 1; i++) {
      scheduler.guard(use.sample(scheduler.sampled(), Long.MAX_VALUE / 2, 1));
    }
    assertAll(fifo(1), function.threads(calls));
  }
}
