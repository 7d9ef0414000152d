package dev.fareway.e2e.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What befalls the packaged daemon on a node that runs short of memory: enforcement holds or is
 * retaken, and nothing of the node changes but function pods, which are as before at the end.
 */
@NullUnmarked
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class FaultsOnNode {
  private static final UmlOptions NODE =
      new UmlOptions(384, 384, Duration.ofSeconds(60), Duration.ofMinutes(40));
  private static final Duration AWAY = Duration.ofMinutes(2);
  private static final Duration FILLED_IN = Duration.ofMinutes(5);
  private static final Map<String, Integer> OOM_SCORES =
      Map.of("dear", 0, "middle", 500, "cheap", 1000);

  private final Map<String, String> classes = new TreeMap<>();
  private DaemonNode node;
  private NodeSnapshot before;
  private int lastNumber;

  /** The controllers that pods have. */
  abstract String controllers();

  /** How often the daemon is killed. */
  abstract int kills();

  /** The words of a snapshot by which a thread of a class is known to be enforced. */
  abstract String threadsOf(String priceClass);

  /** The files of a pod by which its class is enforced. */
  abstract Map<String, String> filesOf(String priceClass);

  @BeforeAll
  void boot() throws Exception {
    node = NodesForTests.boot(NODE, controllers());
    add("dear", "dear");
    add("middle", "middle");
    add("cheap", "cheap");
    node.hold("dear", 40);
    node.hold("middle", 40);
    node.hold("cheap", 40);
    before = node.snapshot();
  }

  @AfterAll
  void powerOff() {
    if (node != null) {
      node.close();
    }
  }

  private void add(String name, String priceClass) throws Exception {
    int number = ++lastNumber;
    node.function(number, name, priceClass, number % 2 == 0 ? "cgroupfs" : "systemd");
    classes.put(name, priceClass);
  }

  private void remove(String name) throws Exception {
    node.vanish(name);
    node.forget(name);
    classes.remove(name);
  }

  @Test
  @Order(1)
  void daemon_killedAtRandomPoints_isFollowedByOneThatGoesOn() throws Exception {
    long seed = Long.getLong("fareway.seed", new Random().nextLong());
    System.out.printf("%s: -Dfareway.seed=%d%n", getClass().getSimpleName(), seed);
    var random = new Random(seed);
    int outageBegins = kills() / 3;
    int outageEnds = 2 * kills() / 3;
    String guest = "";
    for (int kill = 1; kill <= kills(); kill++) {
      if (kill == outageBegins) {
        inForce("before the API server goes");
        node.killApi();
      }
      if (kill == outageEnds) {
        node.startApi();
      }
      boolean reachable = kill < outageBegins || kill >= outageEnds;
      node.want("cheap", 20 + random.nextInt(220));
      node.launchDaemon("--memory-freeze");
      pause(random.nextInt(1500));
      if (guest.isEmpty()) {
        guest = "guest-" + kill;
        add(guest, List.of("dear", "middle", "cheap").get(random.nextInt(3)));
      } else if (random.nextBoolean()) {
        remove(guest);
        guest = "";
      } else {
        classes.put(guest, List.of("dear", "middle", "cheap").get(random.nextInt(3)));
        node.tell(guest, classes.get(guest));
      }
      pause(random.nextInt(2000));
      node.run(node.crash());
      if (!reachable) {
        assertEquals(List.of(), missing("dear", "middle", "cheap"), "while the API server is away");
      } else if (kill % 10 == 0) {
        inForce("after kill " + kill);
      }
      if (kill % 5 == 0) {
        othersAreUntouched();
      }
    }
    if (!guest.isEmpty()) {
      remove(guest);
    }
    node.startDaemon();
    inForceBy();
    allIsPutBack();
    for (String name : List.of("dear", "middle", "cheap")) {
      assertTrue(node.check(name).contains(" 0 wrong"), node::logs);
      assertEquals(0, node.field(name, "memory.events", "oom_kill"), name);
    }
  }

  @Test
  @Order(2)
  void pods_vanishingInTheMidstOfIt_leaveNothing() throws Exception {
    long seed = Long.getLong("fareway.seed", new Random().nextLong());
    System.out.printf("%s: -Dfareway.seed=%d%n", getClass().getSimpleName(), seed);
    var random = new Random(seed);
    node.want("cheap", 200);
    node.startDaemon();
    for (int i = 0; i < 40; i++) {
      String name = "brief-" + i;
      add(name, List.of("dear", "middle", "cheap").get(i % 3));
      node.want(name, random.nextInt(30));
      pause(random.nextInt(400));
      if (random.nextBoolean()) {
        remove(name);
      } else {
        // The API server tells of it first, and the node only later.
        node.run("rm %s".formatted(node.podFile(name)));
        pause(random.nextInt(100));
        node.vanish(name);
        classes.remove(name);
      }
    }
    node.eventually("they are gone", node.metricIs("fareway_node_function_pods", "-eq 3"));
    assertFalse(node.logs().contains("A step"), node::logs);
    inForceBy();
    node.want("cheap", 40);
    allIsPutBack();
  }

  @Test
  @Order(3)
  void cgroups_thatAreReadOnlyForAWhile_areRetaken() throws Exception {
    node.startDaemon();
    inForceBy();
    try {
      readOnly();
      node.tell("middle", "dear");
      node.eventually(
          "the change is seen, as far as it can be made",
          "[ $(cat /proc/$(cat %s/cgroup.procs)/oom_score_adj) = %d ]"
              .formatted(node.container("middle"), OOM_SCORES.get("dear")));
      node.run("kill -0 $(cat %s)".formatted(node.daemonPid()));
      assertEquals(List.of(), missing("dear", "cheap"));
    } finally {
      node.run("busybox mount -o remount,rw /sys/fs/cgroup");
    }
    classes.put("middle", "dear");
    inForceBy();
    classes.put("middle", "middle");
    node.tell("middle", "middle");
    inForceBy();
    allIsPutBack();
  }

  @Test
  @Order(4)
  void daemon_thatStartsOnReadOnlyCgroups_takesThemWhenItMay() throws Exception {
    try {
      readOnly();
      node.startDaemon();
      othersAreUntouched();
    } finally {
      node.run("busybox mount -o remount,rw /sys/fs/cgroup");
    }
    inForceBy();
    allIsPutBack();
  }

  @Test
  @Order(5)
  void apiServer_thatIsAwayForMinutes_changesNothing() throws Exception {
    node.startDaemon();
    inForceBy();
    node.killApi();
    long end = System.nanoTime() + AWAY.toNanos();
    while (System.nanoTime() < end) {
      pause(10_000);
      // A pod that the daemon knows gets more of everything while nobody can be asked.
      node.want("cheap", 20 + (int) (System.nanoTime() % 200));
      assertEquals(List.of(), missing("dear", "middle", "cheap"), node::logs);
      othersAreUntouched();
    }
    node.run("kill -0 $(cat %s)".formatted(node.daemonPid()));
    node.startApi();
    classes.put("middle", "dear");
    node.tell("middle", "dear");
    inForceBy();
    classes.put("middle", "middle");
    node.tell("middle", "middle");
    inForceBy();
    node.want("cheap", 40);
    allIsPutBack();
  }

  @Test
  @Order(6)
  void swap_thatIsFull_costsTheCheapestFunctionAlone() throws Exception {
    node.startDaemon();
    inForceBy();
    node.want("cheap", 2000);
    // It takes what is left of a node with one CPU.
    long end = System.nanoTime() + FILLED_IN.toNanos();
    while (node.lives("cheap") && System.nanoTime() < end) {
      pause(1000);
    }
    assertFalse(node.lives("cheap"), node::logs);
    assertTrue(node.lives("dear"), node::logs);
    assertTrue(node.lives("middle"), node::logs);
    othersAreUntouched();
    inForceBy();
    for (String name : List.of("dear", "middle")) {
      assertTrue(node.check(name).contains(" 0 wrong"), node::logs);
    }
    allIsPutBack();
  }

  /** Whoever is writing holds it up. */
  private void readOnly() throws Exception {
    node.eventually("it is read-only", "busybox mount -o remount,ro /sys/fs/cgroup");
  }

  private static void pause(int millis) throws InterruptedException {
    Thread.sleep(millis);
  }

  /** A daemon takes over what the ones before have left, and is killed as well. */
  private void inForce(String when) throws Exception {
    node.startDaemon();
    try {
      inForceBy();
    } catch (AssertionError e) {
      throw new AssertionError(when + ": " + e.getMessage(), e);
    }
    node.run(node.crash());
  }

  private void inForceBy() throws Exception {
    List<String> missing = List.of("not looked at");
    long end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
    while (!missing.isEmpty() && System.nanoTime() < end) {
      pause(500);
      missing = missing(classes.keySet().toArray(String[]::new));
    }
    assertEquals(List.of(), missing, node::logs);
    othersAreUntouched();
  }

  /** What is not as these functions' classes want it. */
  private List<String> missing(String... names) throws Exception {
    NodeSnapshot now = node.snapshot();
    var missing = new ArrayList<String>();
    for (String name : names) {
      String priceClass = classes.get(name);
      String within = ", in " + node.container(name).substring("/sys/fs/cgroup".length());
      for (var value : now.values().entrySet()) {
        String has = value.getValue();
        if (value.getKey().startsWith("task ")
            && has.endsWith(within)
            && !(has.contains(threadsOf(priceClass))
                && has.contains("oom %d,".formatted(OOM_SCORES.get(priceClass))))) {
          missing.add("%s of %s, %s: %s".formatted(value.getKey(), name, priceClass, has));
        }
      }
      for (var file : filesOf(priceClass).entrySet()) {
        String has = now.values().get("file %s/%s".formatted(node.pod(name), file.getKey()));
        if (!file.getValue().equals(has)) {
          missing.add("%s of %s, %s: %s".formatted(file.getKey(), name, priceClass, has));
        }
      }
      String frozen = now.values().get("file %s/cgroup.freeze".formatted(node.pod(name)));
      if (!"0".equals(frozen)) {
        missing.add("%s is frozen".formatted(name));
      }
    }
    return missing;
  }

  private void othersAreUntouched() throws Exception {
    NodeSnapshot now = node.snapshot();
    Predicate<String> compared =
        what ->
            !now.isOfPod(what)
                && !before.isOfPod(what)
                // The meter's, kept for the next daemon; and the probe's, while one is starting.
                && !what.startsWith("attributes ")
                && !what.equals("mounts")
                && !what.contains("/fareway-probe-");
    assertEquals(List.of(), now.changesSince(before, compared));
  }

  private void allIsPutBack() throws Exception {
    node.stopDaemon();
    NodeSnapshot now = node.snapshot();
    assertEquals(
        List.of(),
        now.changesSince(before, what -> !what.equals("attributes /sys/fs/cgroup")),
        node::logs);
  }
}
