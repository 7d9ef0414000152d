package dev.fareway.e2e.cluster;

import dev.fareway.crds.Budget;
import dev.fareway.crds.Fareway;
import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.UsageReport;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;

/** What makes the parts of an installed chart ask the API server for all that they may. */
@NullUnmarked
final class Work {
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  private final InstalledChart chart;
  private int round;

  Work(InstalledChart chart) {
    this.chart = chart;
  }

  /** A thing that is brought about. */
  private interface Step {
    void take() throws Exception;
  }

  /**
   * Brings about one of everything. It may be said again and again.
   *
   * @param room how long a pod may take to be placed whose room another is to take
   */
  void round(Duration room) throws InterruptedException {
    round++;
    List<Step> steps =
        List.of(
            this::clear,
            this::functions,
            this::podThatWaits,
            this::podThatMissedAdmission,
            this::spentBudget,
            this::changedPrice,
            this::fewerShards,
            this::monthThatIsOver,
            this::somebodyAtTheConsole,
            () -> roomForTheDear(room));
    for (Step step : steps) {
      try {
        step.take();
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        // What one step meets must not keep the others from being tried.
        System.out.println("step: " + e);
      }
    }
  }

  /** Of the round: in the names of all that is made in it. */
  private String id() {
    return "r" + round;
  }

  /** So that there is room for what is new, and no month is summed up yet. */
  private void clear() {
    for (String namespace : List.of("default", "kube-public")) {
      chart.client.pods().inNamespace(namespace).withLabel("budgeted").withGracePeriod(0).delete();
    }
    chart.client.resources(Budget.class).inNamespace("default").delete();
    chart.client.resources(UsageReport.class).delete();
    for (NodeUsage usage : chart.client.resources(NodeUsage.class).list().getItems()) {
      if (!usage.getMetadata().getName().startsWith(InstalledChart.NODE + ".")) {
        chart.client.resource(usage).delete();
      }
    }
  }

  /** They are placed, run, and use CPU that is charged. */
  private void functions() {
    for (String priceClass : List.of("interactive", "batch")) {
      pod(
          "default",
          id() + "-" + priceClass,
          InstalledChart.annotation(priceClass),
          "schedulerName: fareway",
          "requests: {cpu: 10m}");
    }
  }

  private void podThatWaits() {
    // There admission looks at nothing.
    pod(
        "kube-public",
        id() + "-unknown",
        InstalledChart.annotation("golden"),
        "schedulerName: fareway",
        "requests: {cpu: 10m}");
  }

  private void podThatMissedAdmission() {
    pod(
        "default",
        id() + "-missed",
        "a: b",
        "nodeName: " + InstalledChart.NODE,
        "requests: {cpu: 10m}");
    chart
        .client
        .pods()
        .inNamespace("default")
        .withName(id() + "-missed")
        .patch(MERGE, "{\"metadata\":{\"annotations\":{\"fareway.dev/price-class\":\"batch\"}}}");
  }

  private void spentBudget() {
    String month = YearMonth.now(ZoneOffset.UTC).toString();
    usage("ghost-" + id(), month, "default", id() + "-interactive", "900000000000");
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
            .formatted(id(), id()));
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
        .resources(NodeUsage.class)
        .withName(name)
        .subresource("status")
        .patch(
            MERGE,
            """
            {"status":{"sequence":1,"usage":[{"namespace":"%s","function":"%s","priceClass":"interactive",
            "cpuNanos":1000000000,"memoryByteSeconds":0,"costNanoUnits":%s,"memoryCostNanoUnits":0,
            "cpuCostRemainder":0,"memoryCostRemainder":0}]}}
            """
                .formatted(namespace, function, cost));
  }

  private void changedPrice() {
    chart
        .client
        .resources(PriceClass.class)
        .withName("standard")
        .patch(MERGE, "{\"spec\":{\"pricePerCpuSecond\":\"%du\"}}".formatted(3 + round % 15));
  }

  private void fewerShards() {
    chart
        .client
        .configMaps()
        .inNamespace(InstalledChart.NAMESPACE)
        .withName("fareway-scheduler")
        .patch(MERGE, "{\"data\":{\"shards\":\"%d\"}}".formatted(4 - round % 3));
  }

  /**
   * Two that are summed up, and a report that is older than is kept. What is written in the second
   * in which its report is created counts as too late and is kept: of two, written in different
   * seconds, one at least is deleted.
   */
  private void monthThatIsOver() throws InterruptedException {
    YearMonth now = YearMonth.now(ZoneOffset.UTC);
    int first = 3 + 2 * (round - 1) % 8;
    usage("old-" + id(), now.minusMonths(first).toString(), "default", "f", "5");
    TimeUnit.MILLISECONDS.sleep(1100);
    usage("old-" + id(), now.minusMonths(first + 1L).toString(), "default", "f", "5");
    String month = now.minusMonths(20).toString();
    String name = UsageReport.nameOf(month, "default", round);
    chart.create(
        """
        apiVersion: fareway.dev/v1alpha1
        kind: UsageReport
        metadata: {name: %s, labels: {%s: "%s"}}
        spec: {month: "%s", namespace: default, page: %d}
        """
            .formatted(name, Fareway.MONTH, month, month, round));
  }

  /** Who may see it, and so is asked about. */
  private void somebodyAtTheConsole() throws Exception {
    chart.lookAtConsole();
  }

  /** A dear pod that fits only where a cheap one is. */
  private void roomForTheDear(Duration bound) throws InterruptedException {
    pod(
        "default",
        id() + "-room",
        InstalledChart.annotation("batch"),
        "schedulerName: fareway",
        "requests: {cpu: %dm}".formatted(allocatable() * 6 / 10));
    // Without some right the cheap one gets no node, and nobody has to leave.
    long end = System.nanoTime() + bound.toNanos();
    while (!isPlaced(id() + "-room") && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
    pod(
        "default",
        id() + "-dear",
        InstalledChart.annotation("interactive"),
        "schedulerName: fareway",
        "requests: {cpu: %dm}".formatted(allocatable() * 7 / 10));
  }

  private boolean isPlaced(String name) {
    Pod pod = chart.client.pods().inNamespace("default").withName(name).get();
    return pod != null && pod.getSpec().getNodeName() != null;
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
                namespace.equals("default") && resources.contains("10m") ? id() : "not",
                spec,
                resources));
  }

  /** Waits until all of the last round is done, not only asked for. */
  void awaitDone() throws Exception {
    chart.await("the dear pod has the cheap one's room", () -> isPlaced(id() + "-dear"));
    chart.await(
        "a pod that missed admission is labelled",
        () ->
            "batch"
                .equals(
                    chart
                        .client
                        .pods()
                        .inNamespace("default")
                        .withName(id() + "-missed")
                        .get()
                        .getMetadata()
                        .getLabels()
                        .get(Fareway.PRICE_CLASS)));
    chart.await(
        "its owner is told",
        () ->
            chart.client.events().v1().events().inNamespace("default").list().getItems().stream()
                .anyMatch(
                    event ->
                        "NotAdmitted".equals(event.getReason())
                            && (id() + "-missed").equals(event.getRegarding().getName())));
    chart.await(
        "the budget is exhausted",
        () ->
            chart.client.resources(Budget.class).inNamespace("default").list().getItems().stream()
                .anyMatch(
                    budget ->
                        budget.getStatus() != null
                            && String.valueOf(budget.getStatus().state())
                                .equalsIgnoreCase("exhausted")));
    chart.await(
        "the node's usage is written",
        () ->
            chart.client.resources(NodeUsage.class).list().getItems().stream()
                .anyMatch(
                    usage ->
                        usage.getMetadata().getName().startsWith(InstalledChart.NODE + ".")
                            && usage.getStatus() != null));
  }
}
