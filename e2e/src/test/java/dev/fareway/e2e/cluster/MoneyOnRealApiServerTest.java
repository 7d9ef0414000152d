package dev.fareway.e2e.cluster;

import static dev.fareway.e2e.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.crds.Budget;
import dev.fareway.crds.Fareway;
import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageSpec;
import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.crds.UsageReport;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What users are told of budgets and amounts that can't be, with the operator as it ships on a real
 * API server, and how much a node can have it store.
 */
@NeedsRealApiServer
final class MoneyOnRealApiServerTest {
  @TempDir Path folder = Path.of("");
  private @Nullable LocalCluster cluster;

  private void start() {
    start(Map.of("FAREWAY_BUDGET_PERIOD", "PT1S", "FAREWAY_ARCHIVE_PERIOD", "PT1S"));
  }

  private void start(Map<String, String> settings) {
    var started =
        LocalCluster.start(
            LocalClusterOptions.in(folder)
                .withApiServer(ApiServerKind.REAL)
                .withShards(1)
                .withOperatorSettings(settings));
    cluster = started;
    ClusterObjects.priceClass(client(), "interactive", "20u");
    ClusterObjects.priceClass(client(), "standard", "10u");
    ClusterObjects.priceClass(client(), "batch", "2u");
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

  private void function(String name, String priceClass, String team) {
    Pod pod = Pods.shell(name, "exec sleep 1");
    pod.getMetadata().setAnnotations(Map.of(Fareway.PRICE_CLASS, priceClass));
    pod.getMetadata().setLabels(Map.of("team", team));
    client().resource(pod).create();
  }

  /** As a user's file goes to the server, whatever is in it. */
  private void budget(String name, String spec) {
    var _ =
        client()
            .raw(
                "/apis/%s/%s/namespaces/%s/budgets"
                    .formatted(Fareway.GROUP, Fareway.VERSION, Pods.NAMESPACE),
                "POST",
                Map.of(
                    "apiVersion",
                    Fareway.GROUP + "/" + Fareway.VERSION,
                    "kind",
                    "Budget",
                    "metadata",
                    Map.of("name", name, "namespace", Pods.NAMESPACE),
                    "spec",
                    Serialization.unmarshal("of: {%s}".formatted(spec), Map.class).get("of")));
  }

  private String refused(String spec) {
    var refused = assertThrows(KubernetesClientException.class, () -> budget("wrong", spec));
    assertEquals(422, refused.getCode(), spec);
    return String.valueOf(refused.getMessage());
  }

  private Optional<Condition> ready(String budget) {
    return Optional.ofNullable(
            client().resources(Budget.class).inNamespace(Pods.NAMESPACE).withName(budget).get())
        .map(Budget::getStatus)
        .flatMap(
            of -> of.conditions().stream().filter(one -> one.getType().equals("Ready")).findAny());
  }

  private void says(String budget, String reason, String... words) throws Exception {
    eventually(
        () -> "%s says %s, but: %s".formatted(budget, reason, ready(budget)),
        () -> ready(budget).filter(of -> reason.equals(of.getReason())).isPresent());
    Condition condition = ready(budget).orElseThrow();
    System.out.printf("%s: %s%n", condition.getReason(), condition.getMessage());
    assertEquals("False", condition.getStatus());
    for (String word : words) {
      assertTrue(condition.getMessage().contains(word), condition.getMessage());
    }
  }

  private void used(String node, String month, String namespace, long cost) {
    var object = new NodeUsage();
    object.setMetadata(new ObjectMetaBuilder().withName(NodeUsage.nameOf(node, month, 0)).build());
    object.setSpec(new NodeUsageSpec(node, month, 0));
    client().resource(object).create();
    object.setStatus(
        new NodeUsageStatus(
            1, List.of(new Usage(namespace, "cart", "interactive", 0, 0, cost, 0, 0, 0))));
    client().resource(object).updateStatus();
  }

  @Test
  void invalidBudgets_areRefused_orSayWhatIsWrong() throws Exception {
    start();
    for (String spec :
        List.of(
            "monthlyLimit: \"-5\"",
            "monthlyLimit: \"50 EUR\"",
            "monthlyLimit: \"$50\"",
            "monthlyLimit: 2G")) {
      String message = refused(spec);
      assertTrue(message.contains("spec.monthlyLimit"), message);
    }
    String missing = refused("monthlyLimit: \"5\", exhausted: Degrade");
    assertTrue(missing.contains("spec.degradeTo"), missing);

    String month = YearMonth.now(Clock.systemUTC().withZone(ZoneOffset.UTC)).toString();
    function("cart", "standard", "shop");
    function("mail", "batch", "mail");
    budget("unknown-class", "monthlyLimit: \"5\", ahead: Degrade, degradeTo: gold");
    cluster().startOperator();

    says("unknown-class", "UnknownPriceClass", "spec.degradeTo", "gold", "[batch, interactive");
    client().resources(Budget.class).inNamespace(Pods.NAMESPACE).withName("unknown-class").delete();
    budget(
        "dearer",
        "monthlyLimit: \"5\", exhausted: Degrade, degradeTo: interactive, selector: {matchLabels: {team: shop}}");
    says("dearer", "DegradeToDearer", "spec.degradeTo", "interactive", "standard");
    budget(
        "overlapping",
        "monthlyLimit: \"5\", selector: {matchExpressions: [{key: team, operator: In, values: [shop, mail]}]}");
    says("overlapping", "SelectorOverlaps", "spec.selector", "cart", "Budget dearer");
    budget("nowhere", "monthlyLimit: \"5\", timeZone: Mars/Olympus");
    says("nowhere", "InvalidSpec", "spec.timeZone", "Mars/Olympus");
    // Two nodes that are each at the limit of what can be counted
    budget("overflowing", "monthlyLimit: \"5\", selector: {matchLabels: {team: shop}}");
    used("big-1", month, Pods.NAMESPACE, Long.MAX_VALUE);
    used("big-2", month, Pods.NAMESPACE, Long.MAX_VALUE);
    says("overflowing", "Overflow", String.valueOf(Long.MAX_VALUE));
  }

  /** A namespace that can't be archived: the others are, and a metric tells of it. */
  @Test
  void amountsThatDoNotFit_keepTheirObjects_andTheRestOfTheMonthIsArchived() throws Exception {
    start();
    String month =
        YearMonth.now(Clock.systemUTC().withZone(ZoneOffset.UTC)).minusMonths(3).toString();
    used("a", month, "huge", Long.MAX_VALUE);
    used("b", month, "huge", Long.MAX_VALUE);
    used("c", month, "shop", 1_234_567_891);
    cluster().startOperator();

    eventually(
        () -> "node c's object is gone, but: " + client().resources(UsageReport.class).list(),
        () ->
            client().resources(NodeUsage.class).withName(NodeUsage.nameOf("c", month, 0)).get()
                == null);
    eventually(
        "the metric tells of it",
        () ->
            metrics()
                .lines()
                .anyMatch(
                    line ->
                        line.startsWith("fareway_archive_unreported_namespaces")
                            && line.endsWith(" 1.0")));

    List<UsageReport> reports = client().resources(UsageReport.class).list().getItems();
    assertEquals(1, reports.size());
    assertEquals("shop", reports.getFirst().getSpec().namespace());
    assertTrue(reports.getFirst().getStatus().complete());
    assertEquals(2, client().resources(NodeUsage.class).list().getItems().size());
  }

  /**
   * A node that has seen 10,000 functions writes 20 objects. The largest that one can be, with the
   * longest names and numbers and what the API server notes of each field's owner, is stored.
   */
  @Test
  void usageOfManyFunctions_staysWithinWhatIsStored() {
    start();
    int functions = 10_000;
    int pages = (functions + NodeUsageStatus.MAX_USAGE - 1) / NodeUsageStatus.MAX_USAGE;
    String node = "n".repeat(253 - ".2026-11.19".length());
    long most = Long.MAX_VALUE;
    var usage = new ArrayList<Usage>();
    for (int i = 0; i < NodeUsageStatus.MAX_USAGE; i++) {
      String function = "%s%05d".formatted("f".repeat(248), i);
      usage.add(
          new Usage(
              "s".repeat(63),
              function,
              "c".repeat(63),
              most,
              most,
              most,
              most,
              999_999_999,
              (1 << 30) - 1));
    }
    var object = new NodeUsage();
    String name = NodeUsage.nameOf(node, "2026-11", pages - 1);
    object.setMetadata(new ObjectMetaBuilder().withName(name).build());
    object.setSpec(new NodeUsageSpec(node, "2026-11", pages - 1));
    client().resource(object).create();
    object.setStatus(new NodeUsageStatus(most, usage));

    // As the node daemon does
    client()
        .resource(object)
        .subresource("status")
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("fareway-node-daemon")
                .withForce(true)
                .build());

    int stored =
        client()
            .raw("/apis/%s/%s/nodeusages/%s".formatted(Fareway.GROUP, Fareway.VERSION, name))
            .length();
    assertEquals(20, pages);
    assertEquals(
        usage,
        Objects.requireNonNull(client().resources(NodeUsage.class).withName(name).get())
            .getStatus()
            .usage());
    System.out.printf(
        "%,d functions on a node are %d objects of %,d bytes each at most%n",
        functions, pages, stored);
    assertTrue(stored < 1_500_000, () -> stored + " bytes");
  }

  /**
   * 100 pods that run, of 20 budgets that spend all the time and then are exhausted: counted by the
   * API server, there are no more writes than there may be.
   */
  @Test
  void writes_areAsFewAsIsSaid() throws Exception {
    int budgets = 20;
    int pods = 100;
    int podsASecond = 20;
    int periodSeconds = 5;
    start(
        Map.of(
            "FAREWAY_BUDGET_PERIOD",
            "PT0.5S",
            "FAREWAY_BUDGET_STATUS_PERIOD",
            "PT" + periodSeconds + "S",
            "FAREWAY_BUDGET_POD_WRITES_PER_SECOND",
            String.valueOf(podsASecond)));
    client()
        .resource(new NodeBuilder().withNewMetadata().withName("n").endMetadata().build())
        .create();
    for (int i = 0; i < pods; i++) {
      function("f-" + i, "interactive", "t" + i % budgets);
      Pods.bind(client(), Pods.shell("f-" + i, ""), "n");
    }
    for (int i = 0; i < budgets; i++) {
      budget(
          "b-" + i,
          "monthlyLimit: 1k, burst: 100%%, selector: {matchLabels: {team: t%d}}".formatted(i));
    }
    String month = YearMonth.now(Clock.systemUTC().withZone(ZoneOffset.UTC)).toString();
    used("n", month, "f-", 0, pods);
    cluster().startOperator();
    long began = System.nanoTime();
    eventually(
        "the budgets are judged",
        () ->
            client().resources(Budget.class).inAnyNamespace().list().getItems().stream()
                .allMatch(of -> of.getStatus() != null && of.getStatus().spent() != null));

    // They spend, half a second after half a second
    for (int step = 1; step <= 20; step++) {
      used("n", month, "f-", step * 1_000_000_000L, pods);
      TimeUnit.MILLISECONDS.sleep(500);
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    long figures = writes("budgets", "status");
    System.out.printf(
        "%d budgets that spend all the time: %d writes in %.0f s, by the API server's count%n",
        budgets, figures, seconds);
    assertTrue(figures > budgets, "figures are written");
    assertTrue(
        figures <= budgets * (2 + seconds / periodSeconds), () -> figures + " writes of figures");

    // And are exhausted: all pods are to be told
    long before = writes("pods", "");
    long told = System.nanoTime();
    used("n", month, "f-", 200_500_000_000L, pods);
    long now;
    do {
      now = writes("pods", "") - before;
      double since = (System.nanoTime() - told) / 1e9;
      long most = (long) (podsASecond * (since + 1));
      long writes = now;
      assertTrue(writes <= most, () -> "%d writes in %.1f s".formatted(writes, since));
      assertTrue(since < 60, () -> "only %d pods are told".formatted(writes));
      TimeUnit.MILLISECONDS.sleep(500);
    } while (now < pods);
    System.out.printf(
        "%d pods are told in %.1f s, of %d a second that may be%n",
        pods, (System.nanoTime() - told) / 1e9, podsASecond);
  }

  /** Changes that the API server has taken. */
  private long writes(String resource, String subresource) {
    return client()
        .raw("/metrics")
        .lines()
        .filter(
            line ->
                line.startsWith("apiserver_request_total{")
                    && line.contains("resource=\"" + resource + "\"")
                    && line.contains("subresource=\"" + subresource + "\"")
                    && (line.contains("verb=\"PATCH\"")
                        || line.contains("verb=\"APPLY\"")
                        || line.contains("verb=\"PUT\"")))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** The node has charged each of so many functions this much by now. */
  private void used(String node, String month, String prefix, long cost, int functions) {
    var usage = new ArrayList<Usage>();
    for (int i = 0; i < functions; i++) {
      usage.add(new Usage(Pods.NAMESPACE, prefix + i, "interactive", 0, 0, cost, 0, 0, 0));
    }
    String name = NodeUsage.nameOf(node, month, 0);
    var object = new NodeUsage();
    object.setMetadata(new ObjectMetaBuilder().withName(name).build());
    object.setSpec(new NodeUsageSpec(node, month, 0));
    if (client().resources(NodeUsage.class).withName(name).get() == null) {
      client().resource(object).create();
    }
    object.setStatus(new NodeUsageStatus(1, usage));
    client().resource(object).updateStatus();
  }

  private String metrics() throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(cluster().operatorAddress().resolve("/q/metrics"))
                  .timeout(Duration.ofSeconds(5))
                  .build(),
              BodyHandlers.ofString())
          .body();
    }
  }
}
