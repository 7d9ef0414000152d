package dev.fareway.e2e.cluster;

import static dev.fareway.e2e.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fareway.crds.AheadAction;
import dev.fareway.crds.Budget;
import dev.fareway.crds.BudgetState;
import dev.fareway.crds.BudgetStatus;
import dev.fareway.crds.Fareway;
import dev.fareway.crds.Money;
import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageSpec;
import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.UsageReport;
import dev.fareway.crds.usage.FunctionClass;
import dev.fareway.crds.usage.UsageStatement;
import dev.fareway.crds.usage.UsageSum;
import dev.fareway.e2e.runner.ProcessRunner;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Money on a whole cluster: the operator and a node daemon as users run them, functions that are
 * real processes, on a real API server.
 */
@NeedsRealApiServer
final class BudgetOnClusterTest {
  private static final String NODE = "node-a";
  private static final String SLEEP = "exec sleep 1000";
  private static final int SCHED_FIFO = 1;
  private static final int SCHED_IDLE = 5;

  /** The chart's prices. */
  private static final Map<String, String> PRICES =
      Map.of("interactive", "20u", "standard", "10u", "batch", "2u");

  private static final long INTERACTIVE = 20_000;
  private static final long BATCH = 2_000;

  @TempDir Path folder = Path.of("");
  private @Nullable LocalCluster cluster;
  private @Nullable ProcessRunner node;

  private void start(Map<String, String> settings, String... daemon) {
    prepare(settings);
    cluster().startOperator();
    node = cluster().startNode(NODE);
    cluster().startNodeDaemon(NODE, NodeDaemonMode.AUTO, false, List.of(daemon));
  }

  /** The API server alone. */
  private void prepare(Map<String, String> settings) {
    Path home = LocalClusterOptions.in(folder).home();
    for (String artifact : List.of(LocalCluster.OPERATOR, LocalCluster.NODE_DAEMON)) {
      assumeTrue(
          Files.exists(home.resolve(artifact)), () -> home.resolve(artifact) + " is not built");
    }
    var started =
        LocalCluster.start(
            LocalClusterOptions.in(folder)
                .withApiServer(ApiServerKind.REAL)
                .withShards(1)
                .withOperatorSettings(settings));
    cluster = started;
    PRICES.forEach((name, price) -> ClusterObjects.priceClass(client(), name, price));
  }

  @AfterEach
  void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private LocalCluster cluster() {
    return Objects.requireNonNull(cluster);
  }

  private KubernetesClient client() {
    return cluster().client();
  }

  private static String month() {
    return YearMonth.now(Clock.systemUTC().withZone(ZoneOffset.UTC)).toString();
  }

  /** A node that is no more has written this of a function. */
  private void spentBefore(String month, String function, String priceClass, long cost) {
    var object = new NodeUsage();
    object.setMetadata(
        new ObjectMetaBuilder().withName(NodeUsage.nameOf("gone", month, 0)).build());
    object.setSpec(new NodeUsageSpec("gone", month, 0));
    client().resource(object).create();
    object.setStatus(
        new NodeUsageStatus(
            1, List.of(new Usage(Pods.NAMESPACE, function, priceClass, 0, 0, cost, 0, 0, 0))));
    client().resource(object).updateStatus();
  }

  private void budget(long limit, String rest) {
    Budget budget =
        Serialization.unmarshal(
            """
            apiVersion: fareway.dev/v1alpha1
            kind: Budget
            metadata: {name: shop, namespace: default}
            spec:
              monthlyLimit: "%s"
              warnAt: [50, 100]
            """
                    .formatted(BigDecimal.valueOf(limit, 9).toPlainString())
                + rest.indent(2),
            Budget.class);
    if (client().resource(budget).get() == null) {
      client().resource(budget).create();
    } else {
      client().resource(budget).unlock().update();
    }
  }

  private Optional<BudgetStatus> status() {
    return Optional.ofNullable(
            client().resources(Budget.class).inNamespace(Pods.NAMESPACE).withName("shop").get())
        .map(Budget::getStatus);
  }

  private Pod create(String name, String priceClass, String script) {
    Pod pod = Pods.shell(name, script);
    pod.getMetadata().setAnnotations(Map.of(Fareway.PRICE_CLASS, priceClass));
    return client().resource(pod).create();
  }

  /** Whatever else has changed since: no version is named. */
  private void patch(Pod pod, String what, String key, String value) {
    var _ =
        client()
            .pods()
            .inNamespace(Pods.NAMESPACE)
            .withName(pod.getMetadata().getName())
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"metadata\":{\"%s\":{\"%s\":\"%s\"}}}".formatted(what, key, value));
  }

  private @Nullable Pod current(Pod pod) {
    return client().resource(pod).get();
  }

  private void awaitRunning(Pod pod) throws Exception {
    eventually(
        () -> pod.getMetadata().getName() + " runs, but: " + current(pod),
        () ->
            "Running".equals(Objects.requireNonNull(current(pod)).getStatus().getPhase())
                && !Objects.requireNonNull(node).processes(pod).isEmpty());
  }

  private String mark(Pod pod) {
    Map<String, String> annotations =
        Objects.requireNonNull(current(pod)).getMetadata().getAnnotations();
    return annotations.getOrDefault(Fareway.BUDGET, "");
  }

  private long pid(Pod pod) {
    return Objects.requireNonNull(Objects.requireNonNull(node).processes(pod).get("main"));
  }

  private int policy(Pod pod) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid(pod) + "/stat"));
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[41 - 3]);
  }

  private boolean isRealTime() {
    return client().nodes().withName(NODE).get().getStatus().getConditions().stream()
        .anyMatch(
            of -> "FarewayEnforcement".equals(of.getType()) && "RealTime".equals(of.getReason()));
  }

  private static void within(long seconds, String what, Callable<Boolean> condition)
      throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        fail("not within %d s: %s".formatted(seconds, what));
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  @Test
  void actions_holdForPodsThatRun_andAreUndone() throws Exception {
    start(Map.of("FAREWAY_BUDGET_PERIOD", "PT1S"));
    Pod cart = create("cart", "interactive", SLEEP);
    awaitRunning(cart);
    eventually("enforced", () -> client().nodes().withName(NODE).get().getStatus() != null);
    boolean realTime = isRealTime();
    if (realTime) {
      eventually("the pod is real-time", () -> policy(cart) == SCHED_FIFO);
    }

    // Degrade, at once
    spentBefore(month(), "cart", "interactive", 2_000_000_000);
    budget(1_999_000_000, "exhausted: Degrade\ndegradeTo: batch");
    eventually("the pod is told", () -> mark(cart).equals("Degrade=batch"));
    if (realTime) {
      eventually("the pod is in the cheapest class", () -> policy(cart) == SCHED_IDLE);
    }

    // Who takes the annotation off, or forges it, changes nothing for long
    patch(cart, "annotations", Fareway.BUDGET, "Degrade=interactive");
    eventually("the pod is told again", () -> mark(cart).equals("Degrade=batch"));

    // Undone when the limit is raised
    budget(9_000_000_000L, "exhausted: Degrade\ndegradeTo: batch\nburst: 100%");
    eventually("the pod is let go", () -> mark(cart).isEmpty());
    if (realTime) {
      eventually("the pod is real-time again", () -> policy(cart) == SCHED_FIFO);
    }

    // Throttle: the pod that runs is slowed down, a new one waits, and another's does not
    budget(1_999_000_000, "exhausted: Throttle\nselector: {matchLabels: {team: shop}}");
    patch(cart, "labels", "team", "shop");
    eventually("the pod is throttled", () -> mark(cart).equals("Throttle=1m"));
    if (realTime) {
      eventually("the pod is in the cheapest class", () -> policy(cart) == SCHED_IDLE);
    }
    Pod next = Pods.shell("cart-next", SLEEP);
    next.getMetadata().setAnnotations(Map.of(Fareway.PRICE_CLASS, "interactive"));
    next.getMetadata().setLabels(Map.of("team", "shop"));
    client().resource(next).create();
    eventually(
        () -> "the new pod waits, but: " + current(next),
        () -> conditions(next).contains("Budget shop is Exhausted"));
    Pod other = create("other", "interactive", SLEEP);
    awaitRunning(other);

    // What still spends beyond the limit is evicted
    budget(1_000_000_000, "exhausted: Throttle\nselector: {matchLabels: {team: shop}}");
    eventually("the pod is evicted", () -> current(cart) == null);
    assertEquals(
        "Running", Objects.requireNonNull(current(other)).getStatus().getPhase(), "none of its");
    eventually(
        "an Event says so",
        () ->
            client().events().v1().events().inNamespace(Pods.NAMESPACE).list().getItems().stream()
                .anyMatch(of -> "BudgetEvicts".equals(of.getReason())));
    assertTrue(status().orElseThrow().warned().containsAll(List.of(50, 100)));

    // A budget that is gone has nothing in force
    client().resources(Budget.class).inNamespace(Pods.NAMESPACE).withName("shop").delete();
    eventually(
        "the new pod is placed",
        () -> "Running".equals(Objects.requireNonNull(current(next)).getStatus().getPhase()));
  }

  private String conditions(Pod pod) {
    return Objects.requireNonNull(current(pod)).getStatus().getConditions().stream()
        .map(PodCondition::getMessage)
        .toList()
        .toString();
  }

  @Test
  void pastMonth_isArchived() throws Exception {
    prepare(Map.of("FAREWAY_ARCHIVE_PERIOD", "PT1S", "FAREWAY_ARCHIVE_WRITES_PER_SECOND", "100"));
    String month = YearMonth.parse(month()).minusMonths(3).toString();
    // Before the operator starts: what is written in the second in which its report is created
    // counts as too late, and is kept.
    spentBefore(month, "cart", "interactive", 1_234_567_891);
    cluster().startOperator();

    eventually(
        () -> "the node's object is gone, but: " + client().resources(NodeUsage.class).list(),
        () ->
            client().resources(NodeUsage.class).withName(NodeUsage.nameOf("gone", month, 0)).get()
                == null);

    UsageReport report =
        client()
            .resources(UsageReport.class)
            .withName(UsageReport.nameOf(month, Pods.NAMESPACE, 0))
            .get();
    assertTrue(report.getStatus().complete());
    var line = report.getStatus().spending().getFirst();
    assertEquals("cart", line.function());
    assertEquals(new Money(1_234_567_891), Money.of(line.spent()));
  }

  /**
   * A function that burns 100 times its pace, with everything at its default: by when it is held,
   * and what it has spent beyond the limit.
   */
  @Test
  @Tag("long")
  void runaway_isHeld() throws Exception {
    start(Map.of());
    long limit = INTERACTIVE * 30 * 86_400 / 100;
    spentBefore(month(), "burn", "interactive", limit - 30 * INTERACTIVE);
    budget(limit, "burst: 100%");
    Pod burn = create("burn", "interactive", "while :; do :; done");
    awaitRunning(burn);

    within(
        180,
        "the budget is exhausted",
        () -> status().filter(of -> of.state() == BudgetState.EXHAUSTED).isPresent());
    eventually("the pod is told", () -> mark(burn).equals("Throttle=1m"));
    within(120, "the node charges the cheapest class", () -> cost("burn", "batch") > 0);
    long dear = cost("burn", "interactive");
    within(120, "and more of it", () -> cost("burn", "batch") > 10 * BATCH);

    assertEquals(AheadAction.THROTTLE, status().orElseThrow().action());
    assertEquals(dear, cost("burn", "interactive"), "no more in the dear class");
    long beyond = dear + cost("burn", "batch") - 30 * INTERACTIVE;
    System.out.printf(
        "Runaway on %s: %.4f%% of the limit beyond it (%.1f s of its spend) when the node had charged it for %.1f s in the"
            + " cheapest class%n",
        cluster().apiServer(),
        100.0 * beyond / limit,
        (double) beyond / INTERACTIVE,
        (double) cost("burn", "batch") / BATCH);
    assertTrue(beyond > 0 && beyond < limit / 100, () -> beyond + " beyond " + limit);
  }

  /** What a function cost by this node, in nano-units. */
  private long cost(String function, String priceClass) {
    return usage().entrySet().stream()
        .filter(of -> of.getKey().equals(new FunctionClass(function, priceClass)))
        .mapToLong(of -> of.getValue().cost().nanoUnits())
        .sum();
  }

  private Map<FunctionClass, UsageSum> usage() {
    var sums = new HashMap<FunctionClass, UsageSum>();
    for (NodeUsage object : client().resources(NodeUsage.class).list().getItems()) {
      if (object.getSpec().node().equals(NODE) && object.getStatus() != null) {
        object
            .getStatus()
            .usage()
            .forEach(
                of ->
                    sums.computeIfAbsent(
                            new FunctionClass(of.function(), of.priceClass()), _ -> new UsageSum())
                        .add(of));
      }
    }
    return sums;
  }

  /**
   * Real processes, a daemon that is killed and stays away, an operator that is restarted, a price
   * that changes: the bill is the kernel's count times the prices.
   */
  @Test
  @Tag("long")
  void bill_isTheKernelsCountTimesThePrices() throws Exception {
    start(Map.of(), "--usage-interval", "1");
    List<Pod> pods = new ArrayList<>();
    for (String priceClass : List.of("interactive", "standard", "batch")) {
      // Work when told to, and quiet between: then the counters stand still.
      pods.add(
          create(
              "f-" + priceClass,
              priceClass,
              "while :; do if [ -e %s/go ]; then i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; else sleep 0.2; fi; done"
                  .formatted(folder)));
    }
    for (Pod pod : pods) {
      awaitRunning(pod);
    }

    // given: the first price, a daemon that is killed while they work, and another
    Path go = Files.createFile(folder.resolve("go"));
    TimeUnit.SECONDS.sleep(5);
    ProcessHandle daemon = cluster().nodeDaemonProcess().orElseThrow();
    daemon.destroyForcibly();
    TimeUnit.SECONDS.sleep(5);
    cluster().restartOperator();
    cluster().restartNodeDaemon();
    TimeUnit.SECONDS.sleep(3);
    Files.delete(go);
    Map<String, Long> first = quiet(pods);

    // when: the price changes while nothing runs
    client()
        .resources(PriceClass.class)
        .withName("interactive")
        .edit(
            of -> {
              of.setSpec(
                  Serialization.unmarshal("pricePerCpuSecond: 30u", of.getSpec().getClass()));
              return of;
            });
    TimeUnit.SECONDS.sleep(3);
    goOn(pods);
    Files.createFile(go);
    TimeUnit.SECONDS.sleep(5);
    Files.delete(go);
    Map<String, Long> second = quiet(pods);
    goOn(pods);

    // then
    Map<String, Long> prices = Map.of("standard", 10_000L, "batch", 2_000L);
    BigInteger exact = BigInteger.ZERO;
    for (Pod pod : pods) {
      String name = pod.getMetadata().getName();
      String priceClass = name.substring(2);
      long before = Objects.requireNonNull(first.get(name));
      long after = Objects.requireNonNull(second.get(name));
      exact =
          exact.add(
              priceClass.equals("interactive")
                  ? times(before, 20_000).add(times(after - before, 30_000))
                  : times(after, Objects.requireNonNull(prices.get(priceClass))));
      assertEquals(after * 1000, nanos(name), name);
    }
    long billed =
        UsageStatement.of(usage()).stream()
            .mapToLong(line -> Money.of(line.spent()).nanoUnits())
            .sum();
    System.out.printf(
        "Bill of real processes on %s: %d nano-units, and the kernel's count times the prices is %s%n",
        cluster().apiServer(), billed, new BigDecimal(exact, 9));
    assertEquals(exact.divide(BigInteger.valueOf(1_000_000_000)), BigInteger.valueOf(billed));
    assertFalse(usage().isEmpty());
  }

  private static BigInteger times(long micros, long price) {
    return BigInteger.valueOf(micros * 1000).multiply(BigInteger.valueOf(price));
  }

  private long nanos(String function) {
    return client().resources(NodeUsage.class).list().getItems().stream()
        .filter(of -> of.getStatus() != null)
        .flatMap(of -> of.getStatus().usage().stream())
        .filter(of -> of.function().equals(function))
        .mapToLong(Usage::cpuNanos)
        .sum();
  }

  /**
   * Stops the pods' processes, waits until all they used is charged and written, and reads the
   * kernel's counters meanwhile.
   */
  private Map<String, Long> quiet(List<Pod> pods) throws Exception {
    var counters = new HashMap<String, Long>();
    for (Pod pod : pods) {
      Files.writeString(cgroup(pod).resolve("cgroup.freeze"), "1");
    }
    for (Pod pod : pods) {
      eventually(
          "the pod stands still",
          () -> Files.readString(cgroup(pod).resolve("cgroup.events")).contains("frozen 1"));
      counters.put(pod.getMetadata().getName(), micros(pod));
    }
    for (Pod pod : pods) {
      String name = pod.getMetadata().getName();
      within(
          60,
          "what %s used is written: %d us".formatted(name, counters.get(name)),
          () -> nanos(name) == Objects.requireNonNull(counters.get(name)) * 1000);
    }
    for (Pod pod : pods) {
      assertEquals(counters.get(pod.getMetadata().getName()), micros(pod));
    }
    return counters;
  }

  private void goOn(List<Pod> pods) throws Exception {
    for (Pod pod : pods) {
      Files.writeString(cgroup(pod).resolve("cgroup.freeze"), "0");
    }
  }

  private static long micros(Path podCgroup) throws IOException {
    return Files.readAllLines(podCgroup.resolve("cpu.stat")).stream()
        .filter(line -> line.startsWith("usage_usec "))
        .mapToLong(line -> Long.parseLong(line.substring("usage_usec ".length())))
        .findFirst()
        .orElseThrow();
  }

  private long micros(Pod pod) throws IOException {
    return micros(cgroup(pod));
  }

  /** The pod's own cgroup, the one above its container's. */
  private Path cgroup(Pod pod) throws IOException {
    Path root = Objects.requireNonNull(node).cgroupRoot().orElseThrow();
    String uid = Objects.requireNonNull(current(pod)).getMetadata().getUid();
    try (var below = Files.walk(root, 4)) {
      return below
          .filter(Files::isDirectory)
          .filter(of -> of.getFileName().toString().contains(uid.replace('-', '_')))
          .findFirst()
          .orElseThrow();
    }
  }
}
