package dev.fareway.e2e.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fareway.crds.Budget;
import dev.fareway.crds.Fareway;
import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.PriceClass;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** In this order: the last test removes Fareway. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 15, unit = TimeUnit.MINUTES)
public abstract class FarewaySuite {
  private static final String NAMESPACE = "fareway-e2e";
  private static final String DEAR = "interactive";
  private static final String CHEAP = "batch";
  private static final String ENFORCEMENT = "FarewayEnforcement";

  private SuiteCluster cluster;
  private int marker = 70_000;

  /** The cluster, with the chart installed; or the tests are skipped by name. */
  protected abstract SuiteCluster start(java.nio.file.Path folder) throws Exception;

  @BeforeAll
  void begin(@TempDir java.nio.file.Path folder) throws Exception {
    cluster = start(folder);
    cluster
        .client()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(NAMESPACE).endMetadata().build())
        .createOr(existing -> existing.update());
  }

  @AfterAll
  void end() {
    if (cluster != null) {
      cluster.close();
    }
  }

  // --- what is seen

  @Test
  @Order(1)
  void installation_ranksTheClasses_andNodesSayWhatTheyEnforce() throws Exception {
    eventually("classes are ranked", () -> rank(DEAR) == 2 && rank(CHEAP) == 0);
    eventually("a node says what it enforces", () -> !enforcements().isEmpty());
  }

  @Test
  @Order(2)
  void placement_followsThePrice_whereThereIsNotRoomForAll() throws Exception {
    List<Node> nodes = functionNodes();
    BigDecimal smallest =
        nodes.stream()
            .map(node -> node.getStatus().getAllocatable().get("cpu").getNumericalAmount())
            .min(BigDecimal::compareTo)
            .orElseThrow();
    // One fits on a node, and no second one.
    String most = smallest.multiply(new BigDecimal("600")).intValue() + "m";
    paused(true);
    List<Pod> cheap = new ArrayList<>();
    List<Pod> dear = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      cheap.add(create("placed-cheap-" + i, CHEAP, sleep(), Map.of("cpu", most)));
      dear.add(create("placed-dear-" + i, DEAR, sleep(), Map.of("cpu", most)));
    }
    paused(false);

    eventually(
        () -> "all dear ones have a node: " + told(dear),
        () -> dear.stream().allMatch(pod -> !nodeOf(pod).isEmpty()));
    // Shards place side by side: a cheap one that was quicker in another shard has had to leave
    // again.
    cheap.removeIf(pod -> current(pod) == null);
    eventually(
        () -> "the cheap ones are told why they wait: " + told(cheap),
        () -> cheap.stream().allMatch(pod -> unschedulable(pod).isPresent()));
    assertTrue(cheap.stream().allMatch(pod -> nodeOf(pod).isEmpty()), () -> told(cheap));
    for (Pod pod : dear) {
      assertEquals("fareway", current(pod).getSpec().getSchedulerName());
      assertEquals(DEAR, current(pod).getMetadata().getLabels().get(Fareway.PRICE_CLASS));
      delete(pod);
    }
    // Their room is the cheap ones' now.
    if (cheap.isEmpty()) {
      cheap.add(create("placed-cheap-again", CHEAP, sleep(), Map.of("cpu", most)));
    }
    eventually(
        () -> "the cheap ones get it: " + told(cheap),
        () -> cheap.stream().allMatch(pod -> !nodeOf(pod).isEmpty()));
    cheap.forEach(this::delete);
  }

  @Test
  @Order(3)
  void enforcement_isSeenOnTheNode_andTheDearGoesFirst() throws Exception {
    mustEnforce();
    Function dear = run("seen-dear", DEAR);
    Function cheap = run("seen-cheap", CHEAP);

    eventually(
        () -> "the dear one goes first: %s, %s".formatted(see(dear), see(cheap)),
        () -> see(dear).goesBefore(see(cheap)));
    dear.delete();
    cheap.delete();
  }

  @Test
  @Order(4)
  void memory_ofTheCheapestGoesToSwapFirst_underPressure() throws Exception {
    assumeTrue(cluster.noSwap().isEmpty(), () -> "skipped: " + cluster.noSwap().orElseThrow());
    Function dear = runHolding("held-dear", DEAR, 64);
    Function cheap = runHolding("held-cheap", CHEAP, 64);
    // As if the node were short: a little more is to be available than is.
    int available =
        Integer.parseInt(
            cluster
                .onNode(
                    nodeOf(dear.pod),
                    "awk '/MemTotal/{t=$2} /MemAvailable/{a=$2} END{print int(a*100/t)}' /proc/meminfo")
                .strip());
    int low = Math.min(89, available + 1);
    cluster.upgrade(
        Map.of(
            "nodeDaemon.memory.watermarks.critical", "0",
            "nodeDaemon.memory.watermarks.low", String.valueOf(low),
            "nodeDaemon.memory.watermarks.high", String.valueOf(Math.min(90, low + 1))));

    eventually(
        () -> "memory of the cheap one is swapped: " + see(cheap),
        () -> see(cheap).swapped() > 1 << 20);
    assertTrue(see(dear).swapped() < 1 << 20, () -> see(dear).toString());
    dear.delete();
    cheap.delete();
    cluster.upgrade(Map.of());
  }

  @Test
  @Order(5)
  void budget_degradesWhoHasSpentIt_andHoldsNewOnesBack() throws Exception {
    mustEnforce();
    Function shop = run("shop", DEAR);
    eventually(
        () -> "the shop is dear: " + see(shop), () -> !see(shop).isUntouched() && isDear(shop));
    budget("degrading", "shop", "Degrade");
    spent("shop", "1000000000000");

    eventually("the budget is exhausted", () -> state("degrading").equalsIgnoreCase("Exhausted"));
    Function cheap = run("beside-the-shop", CHEAP);
    eventually(
        () -> "the shop runs as the cheapest do: %s, %s".formatted(see(shop), see(cheap)),
        () -> !see(shop).goesBefore(see(cheap)) && !see(cheap).goesBefore(see(shop)));
    cheap.delete();
    shop.delete();

    Function stall = run("stall", DEAR);
    budget("throttling", "stall", "Throttle");
    spent("stall", "1000000000000");
    eventually("the budget is exhausted", () -> state("throttling").equalsIgnoreCase("Exhausted"));
    Pod held = create("stall-2", "stall", DEAR, sleep(), Map.of("cpu", "10m"));
    eventually("the new one is held back", () -> unschedulable(held).isPresent());
    assertTrue(
        unschedulable(held).orElseThrow().getMessage().contains("throttling"),
        () -> told(List.of(held)));
    assertEquals("", nodeOf(held));
    delete(held);
    stall.delete();
    cluster.client().resources(Budget.class).inNamespace(NAMESPACE).delete();
  }

  @Test
  @Order(6)
  void failOver_losesNoPod() throws Exception {
    Function before = run("before-failure", DEAR);
    cluster.failOver();
    List<Pod> after = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      after.add(create("after-failure-" + i, CHEAP, sleep(), Map.of("cpu", "5m")));
    }

    eventually(
        () -> "all have a node: " + told(after),
        () -> after.stream().allMatch(pod -> !nodeOf(pod).isEmpty()));
    assertEquals(before.pod.getMetadata().getUid(), current(before.pod).getMetadata().getUid());
    after.forEach(this::delete);
    before.delete();
  }

  @Test
  @Order(7)
  void upgrade_leavesFunctionsRunning_andEnforcesAfterwards() throws Exception {
    mustEnforce();
    Function dear = run("upgraded-dear", DEAR);
    Function cheap = run("upgraded-cheap", CHEAP);

    cluster.upgrade(Map.of("operator.shards", "3", "nodeDaemon.systemReserve", "15"));

    eventually(
        () -> "the dear one goes first: %s, %s".formatted(see(dear), see(cheap)),
        () -> see(dear).goesBefore(see(cheap)));
    assertEquals(0, restarts(dear.pod));
    assertEquals(0, restarts(cheap.pod));
    assertEquals(dear.pod.getMetadata().getUid(), current(dear.pod).getMetadata().getUid());
    dear.delete();
    cheap.delete();
  }

  @Test
  @Order(8)
  void removal_leavesNodesAsTheyWere_evenAfterACrash() throws Exception {
    boolean enforced = enforcement().isPresent();
    Function dear = run("left-dear", DEAR);
    Function cheap = run("left-cheap", CHEAP);
    if (enforced) {
      eventually(() -> "it is enforced: " + see(dear), () -> see(dear).goesBefore(see(cheap)));
    }

    cluster.uninstallAfterACrash();

    for (Function function : List.of(dear, cheap)) {
      assertTrue(see(function).isUntouched(), () -> see(function).toString());
      assertEquals(0, restarts(function.pod));
    }
    assertEquals(Map.of(), enforcements());
    assertFalse(cluster.client().resources(PriceClass.class).list().getItems().isEmpty());
    dear.delete();
    cheap.delete();
  }

  // --- functions

  /** A function that runs, and how its process is known. */
  private final class Function {
    final Pod pod;
    final String marker;

    Function(Pod pod, String marker) {
      this.pod = pod;
      this.marker = marker;
    }

    void delete() {
      FarewaySuite.this.delete(pod);
    }
  }

  private String sleep() {
    return "exec sleep " + ++marker;
  }

  private Function run(String name, String priceClass) throws Exception {
    String script = sleep();
    return started(
        create(name, priceClass, script, Map.of("cpu", "20m")), script.substring("exec ".length()));
  }

  /** One that holds memory and does nothing with it. */
  private Function runHolding(String name, String priceClass, int mebibytes) throws Exception {
    int mark = ++marker;
    String script =
        "exec awk 'BEGIN { s = sprintf(\"%%1024s\", \"x\"); while (length(s) < %d) s = s s; while (1) system(\"sleep 60\") }' mark=%d"
            .formatted(mebibytes << 20, mark);
    return started(
        create(name, priceClass, script, Map.of("cpu", "20m", "memory", "16Mi")), "mark=" + mark);
  }

  private Function started(Pod pod, String mark) throws Exception {
    eventually(
        () -> "it runs: " + told(List.of(pod)),
        () -> "Running".equals(current(pod).getStatus().getPhase()));
    var function = new Function(pod, mark);
    eventually(() -> "its process is there", () -> !see(function).isGone());
    return function;
  }

  private OnNode see(Function function) {
    try {
      return OnNode.read(
          cluster.onNode(
              nodeOf(function.pod),
              OnNode.script(function.pod.getMetadata().getUid(), function.marker)));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean isDear(Function function) {
    OnNode seen = see(function);
    return seen.policy() == OnNode.SCHED_FIFO
        || seen.nice() < 0
        || (!seen.weight().isEmpty() && Long.parseLong(seen.weight()) > 1000);
  }

  private Pod create(String name, String priceClass, String script, Map<String, String> requests) {
    return create(name, name, priceClass, script, requests);
  }

  private Pod create(
      String name, String app, String priceClass, String script, Map<String, String> requests) {
    Pod pod = cluster.function(NAMESPACE, name, script);
    pod.getMetadata().setAnnotations(new HashMap<>(Map.of(Fareway.PRICE_CLASS, priceClass)));
    pod.getMetadata().setLabels(new HashMap<>(Map.of("app", app)));
    Map<String, Quantity> quantities = new HashMap<>();
    requests.forEach((of, amount) -> quantities.put(of, new Quantity(amount)));
    pod.getSpec()
        .getContainers()
        .getFirst()
        .setResources(
            new io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder()
                .withRequests(quantities)
                .build());
    return cluster.client().resource(pod).create();
  }

  private void delete(Pod pod) {
    // One that its budget had evicted is gone already.
    cluster.client().resource(pod).withGracePeriod(0).delete();
    try {
      eventually("it is gone", () -> current(pod) == null);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private Pod current(Pod pod) {
    return cluster.client().resource(pod).get();
  }

  private String nodeOf(Pod pod) {
    String node = current(pod).getSpec().getNodeName();
    return node == null ? "" : node;
  }

  private int restarts(Pod pod) {
    return current(pod).getStatus().getContainerStatuses().getFirst().getRestartCount();
  }

  private Optional<PodCondition> unschedulable(Pod pod) {
    return current(pod).getStatus().getConditions().stream()
        .filter(of -> of.getType().equals("PodScheduled") && of.getStatus().equals("False"))
        .findFirst();
  }

  private String told(List<Pod> pods) {
    return pods.stream()
        .map(this::current)
        .map(pod -> pod.getMetadata().getName() + ": " + pod.getStatus())
        .toList()
        .toString();
  }

  // --- budgets

  private void budget(String name, String app, String exhausted) {
    cluster
        .client()
        .resource(
            """
            apiVersion: fareway.dev/v1alpha1
            kind: Budget
            metadata: {name: %s, namespace: %s}
            spec:
              monthlyLimit: "1"
              selector: {matchLabels: {app: %s}}
              exhausted: %s
              degradeTo: %s
            """
                .formatted(name, NAMESPACE, app, exhausted, CHEAP))
        .create();
  }

  /** Usage of a node that is no more. */
  private void spent(String function, String nanoUnits) {
    String month = YearMonth.now(ZoneOffset.UTC).toString();
    String node = "gone-" + function;
    String name = node + "." + month;
    cluster
        .client()
        .resource(
            """
            apiVersion: fareway.dev/v1alpha1
            kind: NodeUsage
            metadata: {name: %s}
            spec: {node: %s, month: "%s", page: 0}
            """
                .formatted(name, node, month))
        .createOr(existing -> existing.update());
    cluster
        .client()
        .resources(NodeUsage.class)
        .withName(name)
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            """
            {"status":{"sequence":1,"usage":[{"namespace":"%s","function":"%s","priceClass":"%s",
            "cpuNanos":1000000000,"memoryByteSeconds":0,"costNanoUnits":%s,"memoryCostNanoUnits":0,
            "cpuCostRemainder":0,"memoryCostRemainder":0}]}}
            """
                .formatted(NAMESPACE, function, DEAR, nanoUnits));
  }

  private String state(String budget) {
    Budget now =
        cluster.client().resources(Budget.class).inNamespace(NAMESPACE).withName(budget).get();
    return now.getStatus() == null ? "" : String.valueOf(now.getStatus().state());
  }

  // --- the cluster

  private int rank(String priceClass) {
    PriceClass now = cluster.client().resources(PriceClass.class).withName(priceClass).get();
    return now == null || now.getStatus() == null || now.getStatus().rank() == null
        ? -1
        : now.getStatus().rank();
  }

  private void paused(boolean paused) throws Exception {
    cluster
        .client()
        .configMaps()
        .inNamespace(SuiteCluster.FAREWAY_NAMESPACE)
        .withName("fareway-scheduler")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"data\":{\"paused\":\"%s\"}}".formatted(paused));
    if (paused) {
      // Read by each replica in each round of renewing its Leases, a fifth of their duration.
      TimeUnit.SECONDS.sleep(4);
    }
  }

  /** Nodes on which functions may run. */
  private List<Node> functionNodes() {
    return cluster.client().nodes().list().getItems().stream()
        .filter(
            node ->
                node.getSpec().getTaints().stream()
                    .noneMatch(taint -> !"PreferNoSchedule".equals(taint.getEffect())))
        .toList();
  }

  private Map<String, NodeCondition> enforcements() {
    Map<String, NodeCondition> found = new HashMap<>();
    for (Node node : cluster.client().nodes().list().getItems()) {
      node.getStatus().getConditions().stream()
          .filter(condition -> condition.getType().equals(ENFORCEMENT))
          .forEach(condition -> found.put(node.getMetadata().getName(), condition));
    }
    return found;
  }

  private Optional<NodeCondition> enforcement() {
    return enforcements().values().stream()
        .filter(condition -> condition.getStatus().equals("True"))
        .findFirst();
  }

  private void mustEnforce() {
    assumeTrue(
        enforcement().isPresent(),
        () -> "skipped, no node of %s enforces: %s".formatted(cluster.name(), enforcements()));
  }

  private void eventually(String what, Callable<Boolean> condition) throws Exception {
    eventually(() -> what, condition);
  }

  private void eventually(Supplier<String> what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + cluster.patience().toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        fail("not within %d s: %s".formatted(cluster.patience().toSeconds(), what.get()));
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }
}
