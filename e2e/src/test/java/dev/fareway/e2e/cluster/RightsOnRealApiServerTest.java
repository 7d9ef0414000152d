package dev.fareway.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.marcnuri.helm.Helm;
import dev.fareway.crds.PriceClass;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The chart's roles: all parts do their work under them, every right in them is asked for, and
 * something is refused as soon as one is taken away.
 */
@NullUnmarked
@NeedsRealApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RightsOnRealApiServerTest {
  private static final String NAMESPACE = InstalledChart.NAMESPACE;

  /** How long a part may take to ask for something that it may not have any more. */
  private static final long REFUSAL_SECONDS = 60;

  /** The same for what it asks for before it is ready, and for what a running one is brought to. */
  private static final long START_SECONDS = 6;

  private static final long WORK_SECONDS = 12;

  /** What is asked for only where it can't be brought about here, and where it is shown. */
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "fareway-node-daemon create pods/eviction",
          "under memory pressure with cgroup version 2: MemoryManagerOnNodeTest",
          "fareway-node-daemon create events.events.k8s.io",
          "under memory pressure with cgroup version 2: MemoryManagerOnNodeTest");

  /** Asked of the authorizer within a patch that makes the object, so that no request shows it. */
  private static final Set<String> WITHIN_A_PATCH =
      Set.of("fareway-node-daemon create nodeusages.fareway.dev");

  private InstalledChart chart;
  private int round;

  /** Whether the operator runs with all its rights but those of the round. */
  private boolean operatorWorks;

  /** A role of the chart, whichever kind. */
  private interface Rules {
    List<PolicyRule> read();

    void write(List<PolicyRule> rules);
  }

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    for (String artifact : List.of(LocalCluster.OPERATOR, LocalCluster.NODE_DAEMON)) {
      assumeTrue(
          Files.exists(InstalledChart.artifact(artifact)),
          () -> InstalledChart.artifact(artifact) + " is not built");
    }
    chart = new InstalledChart(folder, Map.of("activator.enabled", "true"));
  }

  @AfterAll
  void stop() {
    if (chart != null) {
      chart.close();
    }
  }

  @Test
  @Order(0)
  @Timeout(300)
  void everyPart_worksUnderItsOwnAccount_andAsksForAllThatItMay() throws Exception {
    chart.startOperator();
    chart.startDaemon();
    chart.startActivator();
    work();
    worked();

    Map<String, Set<String>> missing = unused(Set.of("operator", "node-daemon", "activator"));
    // Some of it comes about a moment later.
    for (int i = 0; i < 100 && !missing.isEmpty(); i++) {
      TimeUnit.MILLISECONDS.sleep(200);
      missing = unused(Set.of("operator", "node-daemon", "activator"));
    }
    assertEquals(List.of(), refused());
    assertEquals(Map.of(), missing, "granted, and not asked for: take it out of the role");
  }

  /**
   * What dashboards and alerts ask for, from what the parts really say; what comes of failures
   * alone is not there yet.
   */
  @Test
  @Order(1)
  void metricsOfDashboardsAndAlerts_areExported() throws Exception {
    Set<String> asked = new TreeSet<>();
    String all = Files.readString(Rendered.CHART.resolve("templates/prometheusrule.yaml"));
    try (var files = Files.list(Rendered.CHART.resolve("dashboards"))) {
      for (Path file : files.toList()) {
        all += Files.readString(file);
      }
    }
    var names = java.util.regex.Pattern.compile("fareway_[a-z_]+[a-z]").matcher(all);
    while (names.find()) {
      asked.add(names.group());
    }
    // No request came.
    asked.removeIf(
        name ->
            name.startsWith("fareway_activator_wait")
                || (chart.node().cgroupRoot().isEmpty() && name.startsWith("fareway_node_")));
    // What is told of functions comes with the daemon's next look at them.
    Set<String> exported = exported();
    for (int i = 0; i < 100 && !exported.containsAll(asked); i++) {
      TimeUnit.MILLISECONDS.sleep(200);
      exported = exported();
    }
    asked.removeAll(exported);
    assertEquals(Set.of(), asked, "exported are " + exported);
  }

  private Set<String> exported() throws Exception {
    Set<String> exported = new TreeSet<>();
    exported.addAll(InstalledChart.metrics(chart.operatorAddress().resolve("/q/metrics")));
    exported.addAll(InstalledChart.metrics(chart.daemonAddress().resolve("/metrics")));
    exported.addAll(InstalledChart.metrics(chart.activatorMetrics().resolve("/metrics")));
    return exported;
  }

  /** The chart's test and its hooks, under their own accounts. */
  @Test
  @Order(2)
  @Timeout(300)
  void tasks_workUnderTheirOwnAccounts_andAskForAllThatTheyMay() throws Exception {
    chart.await(
        "the node says what is enforced",
        () ->
            chart
                .client
                .nodes()
                .withName(InstalledChart.NODE)
                .get()
                .getStatus()
                .getConditions()
                .stream()
                .anyMatch(condition -> condition.getType().equals("FarewayEnforcement")));
    Path tasks = Files.createDirectories(chart.folder.resolve("tasks"));
    List<String> onNode =
        List.of(
            "--node-name=" + InstalledChart.NODE,
            "--cgroup-root=" + chart.node().cgroupRoot().orElse(Path.of("/none")));
    try (var runner =
        new Tasks(
            chart.client,
            NAMESPACE,
            tasks,
            argument ->
                argument.startsWith("http://") ? chart.operatorAddress().toString() : argument,
            chart.node().cgroupRoot().isPresent() ? onNode : List.of())) {
      String tested =
          String.valueOf(
              Bounded.helm(
                      "helm test",
                      runner::told,
                      Helm.test("fareway").withNamespace(NAMESPACE).withKubeConfig(chart.kubeconfig)
                          ::call)
                  .getStatus());
      assertEquals("deployed", tested, runner.output("fareway-check"));
      String said = runner.output("fareway-check");
      for (String line :
          List.of(
              "ok      the operator is ready",
              "ok      price classes are ranked",
              "ok      nodes say what they enforce",
              "ok      admission knows a function")) {
        assertTrue(said.contains(line), said);
      }

      chart.stopDaemon();
      chart
          .client
          .resources(CustomResourceDefinition.class)
          .withName("usagereports.fareway.dev")
          .delete();
      var _ =
          chart.upgrade(
              Map.of("activator.enabled", "true", "nodeDaemon.enabled", "false"), runner::told);
      String restored = runner.output("fareway-restore");
      assertTrue(restored.contains("nodes are as they were"), restored);
      if (chart.node().cgroupRoot().isPresent()) {
        assertTrue(
            runner.output("fareway-restore-on-node").contains("All is as it was before Fareway"),
            runner.output("fareway-restore-on-node"));
        assertTrue(
            chart
                .client
                .nodes()
                .withName(InstalledChart.NODE)
                .get()
                .getStatus()
                .getConditions()
                .stream()
                .noneMatch(condition -> condition.getType().equals("FarewayEnforcement")));
      }
    }
    assertEquals(List.of(), refused());
    Map<String, Set<String>> asked = new TreeMap<>();
    for (Audit.Entry entry : chart.audit.since(0)) {
      String account = entry.account().substring(entry.account().indexOf(':') + 1);
      if (Set.of("fareway-check", "fareway-definitions", "fareway-restore").contains(account)) {
        asked
            .computeIfAbsent(account, _ -> new TreeSet<>())
            .add(
                entry.verb()
                    + " "
                    + entry.resource()
                    + (entry.group().isEmpty() ? "" : "." + entry.group()));
      }
    }
    boolean hasNode = chart.node().cgroupRoot().isPresent();
    for (var rule : ruled(Rendered.all(chart.folder, Map.of())).entrySet()) {
      Set<String> granted = new TreeSet<>(rule.getValue());
      granted.removeAll(asked.getOrDefault(rule.getKey(), Set.of()));
      assertTrue(
          granted.isEmpty() || (!hasNode && rule.getKey().equals("fareway-restore")),
          () -> rule.getKey() + " may " + granted + " and does not ask for it");
    }
  }

  /** What the hooks' roles grant, by account; they are gone by the time that one could look. */
  private static Map<String, Set<String>> ruled(String manifests) throws Exception {
    var granted = new TreeMap<String, Set<String>>();
    for (var object :
        (Iterable<?>)
            new io.fabric8.kubernetes.client.utils.KubernetesSerialization()
                .unmarshal(
                    new java.io.ByteArrayInputStream(
                        manifests.getBytes(java.nio.charset.StandardCharsets.UTF_8)))) {
      List<PolicyRule> rules =
          switch (object) {
            case ClusterRole role when isHook(role.getMetadata()) -> role.getRules();
            case Role role when isHook(role.getMetadata()) -> role.getRules();
            default -> List.of();
          };
      for (Right right : Right.of(rules)) {
        granted
            .computeIfAbsent(
                ((io.fabric8.kubernetes.api.model.HasMetadata) object).getMetadata().getName(),
                _ -> new TreeSet<>())
            .add(right.toString());
      }
    }
    return granted;
  }

  private static boolean isHook(io.fabric8.kubernetes.api.model.ObjectMeta meta) {
    return meta.getAnnotations() != null && meta.getAnnotations().containsKey("helm.sh/hook");
  }

  /**
   * Takes minutes: each right away in turn. What is asked for at the start is tried by starting
   * anew, the rest on a part that runs.
   */
  @Test
  @Order(3)
  @Tag("long")
  @Timeout(3600)
  void somethingIsRefused_asSoonAsAnyRightIsTakenAway() throws Exception {
    var _ =
        chart.upgrade(
            Map.of("activator.enabled", "true", "crds.upgrade", "false"), () -> "it has no hooks");
    chart.await(
        "the definitions are served",
        () -> {
          chart.client.resources(dev.fareway.crds.UsageReport.class).list();
          return true;
        });
    List<String> notMissed = new ArrayList<>();
    int count = 0;
    for (String component : List.of("operator", "node-daemon", "activator")) {
      for (var role : roles(component).entrySet()) {
        List<PolicyRule> all = role.getValue().read();
        for (Right right : Right.of(all)) {
          long before = System.nanoTime();
          if (ELSEWHERE.containsKey("fareway-" + component + " " + right)) {
            continue;
          }
          count++;
          role.getValue().write(right.takenFrom(all));
          try {
            boolean missed = isMissed(component, right);
            System.out.printf(
                "%s without %s: %s after %d ms%n",
                role.getKey(),
                right,
                missed ? "refused" : "nothing refused",
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before));
            if (!missed) {
              notMissed.add(role.getKey() + ": " + right);
            }
          } finally {
            role.getValue().write(all);
          }
        }
      }
    }
    System.out.printf("%d rights were taken away, one at a time%n", count);
    assertEquals(List.of(), notMissed, "nothing was refused without these: take them out");
  }

  private boolean isMissed(String component, Right right) throws Exception {
    long from = chart.audit.position();
    if (component.equals("operator") && !isAskedForAtStart(right) && operatorWorks) {
      work();
      if (isRefused(component, right, from, WORK_SECONDS)) {
        return true;
      }
    }
    operatorWorks = false;
    chart.stopActivator();
    chart.stopDaemon();
    chart.stopOperator();
    forgetCertificates();
    from = chart.audit.position();
    switch (component) {
      case "activator" -> chart.launchActivator();
      case "node-daemon" -> {
        chart.client.resources(dev.fareway.crds.NodeUsage.class).delete();
        chart.launchDaemon();
      }
      default -> {
        chart.launchOperator();
        if (isRefused(component, right, from, START_SECONDS)) {
          return true;
        }
        if (isAlive()) {
          // Who is a daemon is asked only when one comes.
          chart.launchDaemon();
          operatorWorks = true;
          work();
        }
      }
    }
    return isRefused(component, right, from, REFUSAL_SECONDS);
  }

  /** What a running operator does not ask for anew: what it watches, and what it is told once. */
  private static boolean isAskedForAtStart(Right right) {
    return Set.of("list", "watch").contains(right.verb())
        || Set.of("leases", "secrets", "configmaps", "mutatingwebhookconfigurations")
            .contains(right.resource());
  }

  private boolean isRefused(String component, Right right, long from, long seconds)
      throws Exception {
    String account = NAMESPACE + ":fareway-" + component;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < end) {
      for (Audit.Entry entry : chart.audit.since(from)) {
        if (entry.account().equals(account) && right.isMissedBy(entry)) {
          return true;
        }
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    return false;
  }

  private boolean isAlive() {
    try {
      return java.net.http.HttpClient.newHttpClient()
              .send(
                  java.net.http.HttpRequest.newBuilder(
                          chart.operatorAddress().resolve("/q/health/live"))
                      .build(),
                  java.net.http.HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (java.io.IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** So that they are written again. */
  private void forgetCertificates() {
    String nothing = "{\"data\": null}";
    PatchContext merge = PatchContext.of(PatchType.JSON_MERGE);
    chart
        .client
        .secrets()
        .inNamespace(NAMESPACE)
        .withName("fareway-certificates")
        .patch(merge, nothing);
    chart.client.configMaps().inNamespace(NAMESPACE).withName("fareway-ca").patch(merge, nothing);
  }

  // --- what makes the parts ask for all that they may

  /** Brings about one of everything. It may be said again and again. */
  private void work() {
    round++;
    clear();
    List<Consumer<String>> steps =
        List.of(
            this::functions,
            this::podThatWaits,
            this::podThatMissedAdmission,
            this::spentBudget,
            this::changedPrice,
            this::fewerShards,
            this::monthThatIsOver,
            this::roomForTheDear);
    for (Consumer<String> step : steps) {
      try {
        step.accept("r" + round);
      } catch (KubernetesClientException e) {
        // What one step meets must not keep the others from being tried.
        System.out.println("step: " + e.getMessage());
      }
    }
  }

  /** So that there is room for the next round. */
  private void clear() {
    for (String namespace : List.of("default", "kube-public")) {
      chart.client.pods().inNamespace(namespace).withLabel("budgeted").withGracePeriod(0).delete();
    }
    chart.client.resources(dev.fareway.crds.Budget.class).inNamespace("default").delete();
  }

  /** Is placed, runs, and uses CPU that is charged. */
  private void functions(String id) {
    for (String priceClass : List.of("interactive", "batch")) {
      pod(
          "default",
          id + "-" + priceClass,
          InstalledChart.annotation(priceClass),
          "schedulerName: fareway",
          "requests: {cpu: 10m}");
    }
  }

  private void podThatWaits(String id) {
    // There admission looks at nothing.
    pod(
        "kube-public",
        id + "-unknown",
        InstalledChart.annotation("golden"),
        "schedulerName: fareway",
        "requests: {cpu: 10m}");
  }

  private void podThatMissedAdmission(String id) {
    pod(
        "default",
        id + "-missed",
        "a: b",
        "nodeName: " + InstalledChart.NODE,
        "requests: {cpu: 10m}");
    chart
        .client
        .pods()
        .inNamespace("default")
        .withName(id + "-missed")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\":{\"annotations\":{\"fareway.dev/price-class\":\"batch\"}}}");
  }

  private void spentBudget(String id) {
    String month = YearMonth.now(ZoneOffset.UTC).toString();
    usage("ghost-" + id, month, "default", id + "-interactive", "900000000000");
    chart.create(
        """
        apiVersion: fareway.dev/v1alpha1
        kind: Budget
        metadata: {name: %s, namespace: default}
        spec:
          monthlyLimit: "1"
          selector: {matchLabels: {budgeted: %s}}
          exhausted: Throttle
        """
            .formatted(id, id));
  }

  private void usage(String node, String month, String namespace, String function, String cost) {
    String name = node + "." + month;
    chart.create(
        """
        apiVersion: fareway.dev/v1alpha1
        kind: NodeUsage
        metadata: {name: %s}
        spec: {node: %s, month: "%s", page: 0}
        """
            .formatted(name, node, month));
    chart
        .client
        .resources(dev.fareway.crds.NodeUsage.class)
        .withName(name)
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            """
            {"status":{"sequence":1,"usage":[{"namespace":"%s","function":"%s","priceClass":"interactive",
            "cpuNanos":1000000000,"memoryByteSeconds":0,"costNanoUnits":%s,"memoryCostNanoUnits":0,
            "cpuCostRemainder":0,"memoryCostRemainder":0}]}}
            """
                .formatted(namespace, function, cost));
  }

  private void changedPrice(String id) {
    chart
        .client
        .resources(PriceClass.class)
        .withName("standard")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"spec\":{\"pricePerCpuSecond\":\"%du\"}}"
                .formatted(3 + Integer.parseInt(id.substring(1)) % 15));
  }

  private void fewerShards(String id) {
    chart
        .client
        .configMaps()
        .inNamespace(NAMESPACE)
        .withName("fareway-scheduler")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"data\":{\"shards\":\"%d\"}}".formatted(2 + Integer.parseInt(id.substring(1)) % 3));
  }

  /**
   * Two that are summed up, others each time, and a report that is older than is kept. What is
   * written in the second in which its report is created counts as too late and is kept: of two,
   * written in different seconds, one at least is deleted.
   */
  private void monthThatIsOver(String id) {
    YearMonth now = YearMonth.now(ZoneOffset.UTC);
    int first = 3 + 2 * (round - 1) % 10;
    usage("old-" + id, now.minusMonths(first).toString(), "default", "f", "5");
    try {
      TimeUnit.MILLISECONDS.sleep(1100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    usage("old-" + id, now.minusMonths(first + 1L).toString(), "default", "f", "5");
    String month = now.minusMonths(20).toString();
    String name = dev.fareway.crds.UsageReport.nameOf(month, "default", round);
    chart.create(
        """
        apiVersion: fareway.dev/v1alpha1
        kind: UsageReport
        metadata: {name: %s, labels: {%s: "%s"}}
        spec: {month: "%s", namespace: default, page: %d}
        """
            .formatted(name, dev.fareway.crds.Fareway.MONTH, month, month, round));
  }

  /** A dear pod that fits only where a cheap one is. */
  private void roomForTheDear(String id) {
    pod(
        "default",
        id + "-room",
        InstalledChart.annotation("batch"),
        "schedulerName: fareway",
        "requests: {cpu: %dm}".formatted(allocatable() * 6 / 10));
    try {
      for (int i = 0; i < 100; i++) {
        Pod pod = chart.client.pods().inNamespace("default").withName(id + "-room").get();
        if (pod != null && pod.getSpec().getNodeName() != null) {
          break;
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    // Without some right the cheap one has no node, and nobody has to leave.
    pod(
        "default",
        id + "-dear",
        InstalledChart.annotation("interactive"),
        "schedulerName: fareway",
        "requests: {cpu: %dm}".formatted(allocatable() * 7 / 10));
  }

  /** Thousandths of a CPU. */
  private int allocatable() {
    return chart
        .client
        .nodes()
        .withName(InstalledChart.NODE)
        .get()
        .getStatus()
        .getAllocatable()
        .get("cpu")
        .getNumericalAmount()
        .movePointRight(3)
        .intValue();
  }

  private void pod(
      String namespace, String name, String annotation, String spec, String resources) {
    chart.create(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: %s
          namespace: %s
          annotations: {%s}
          labels: {budgeted: %s}
        spec:
          %s
          terminationGracePeriodSeconds: 0
          containers:
          - {name: main, image: none, command: [sleep, "100000"], resources: {%s}}
        """
            .formatted(
                name,
                namespace,
                annotation,
                namespace.equals("default") && resources.contains("10m")
                    ? name.substring(0, name.indexOf('-'))
                    : "not",
                spec,
                resources));
  }

  /** All of it is done, not only asked for. */
  private void worked() throws Exception {
    chart.await(
        "the dear pod has the cheap one's room",
        () -> {
          Pod dear = chart.client.pods().inNamespace("default").withName("r1-dear").get();
          return dear != null && dear.getSpec().getNodeName() != null;
        });
    chart.await(
        "a pod that missed admission is labelled",
        () ->
            "batch"
                .equals(
                    chart
                        .client
                        .pods()
                        .inNamespace("default")
                        .withName("r1-missed")
                        .get()
                        .getMetadata()
                        .getLabels()
                        .get("fareway.dev/price-class")));
    chart.await(
        "its owner is told",
        () ->
            chart.client.events().v1().events().inNamespace("default").list().getItems().stream()
                .anyMatch(
                    event ->
                        "NotAdmitted".equals(event.getReason())
                            && "r1-missed".equals(event.getRegarding().getName())));
    chart.await(
        "the budget is exhausted",
        () ->
            chart
                .client
                .resources(dev.fareway.crds.Budget.class)
                .inNamespace("default")
                .list()
                .getItems()
                .stream()
                .anyMatch(
                    budget ->
                        budget.getStatus() != null
                            && String.valueOf(budget.getStatus().state())
                                .equalsIgnoreCase("exhausted")));
    chart.await(
        "the node's usage is written",
        () ->
            chart.client.resources(dev.fareway.crds.NodeUsage.class).list().getItems().stream()
                .anyMatch(
                    usage ->
                        usage.getMetadata().getName().startsWith(InstalledChart.NODE + ".")
                            && usage.getStatus() != null));
  }

  // --- roles and what was asked

  private Map<String, Rules> roles(String component) {
    String name = "fareway-" + component;
    Map<String, Rules> roles = new LinkedHashMap<>();
    roles.put(
        "ClusterRole " + name,
        new Rules() {
          @Override
          public List<PolicyRule> read() {
            return chart.client.rbac().clusterRoles().withName(name).get().getRules();
          }

          @Override
          public void write(List<PolicyRule> rules) {
            chart
                .client
                .rbac()
                .clusterRoles()
                .withName(name)
                .edit(
                    role -> {
                      role.setRules(rules);
                      return role;
                    });
          }
        });
    if (chart.client.rbac().roles().inNamespace(NAMESPACE).withName(name).get() != null) {
      roles.put(
          "Role " + name,
          new Rules() {
            @Override
            public List<PolicyRule> read() {
              return chart
                  .client
                  .rbac()
                  .roles()
                  .inNamespace(NAMESPACE)
                  .withName(name)
                  .get()
                  .getRules();
            }

            @Override
            public void write(List<PolicyRule> rules) {
              chart
                  .client
                  .rbac()
                  .roles()
                  .inNamespace(NAMESPACE)
                  .withName(name)
                  .edit(
                      role -> {
                        role.setRules(rules);
                        return role;
                      });
            }
          });
    }
    return roles;
  }

  private List<Audit.Entry> refused() throws Exception {
    return chart.audit.since(0).stream().filter(entry -> entry.code() == 403).distinct().toList();
  }

  private Map<String, Set<String>> unused(Set<String> components) throws Exception {
    List<Audit.Entry> entries = chart.audit.since(0);
    Map<String, Set<String>> unused = new TreeMap<>();
    for (String component : components) {
      String account = NAMESPACE + ":fareway-" + component;
      for (var role : roles(component).entrySet()) {
        for (Right right : Right.of(role.getValue().read())) {
          String named = "fareway-" + component + " " + right;
          if (!ELSEWHERE.containsKey(named)
              && !WITHIN_A_PATCH.contains(named)
              && entries.stream()
                  .noneMatch(
                      entry -> entry.account().equals(account) && right.isAskedForBy(entry))) {
            unused.computeIfAbsent(role.getKey(), _ -> new TreeSet<>()).add(right.toString());
          }
        }
      }
    }
    return unused;
  }
}
