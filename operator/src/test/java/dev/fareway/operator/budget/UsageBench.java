package dev.fareway.operator.budget;

import dev.fareway.crds.Budget;
import dev.fareway.crds.BudgetSpec;
import dev.fareway.crds.Fareway;
import dev.fareway.crds.NodeUsage;
import dev.fareway.crds.NodeUsageSpec;
import dev.fareway.crds.NodeUsageStatus;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.crds.Selection;
import dev.fareway.operator.budget.BudgetPods.Kind;
import dev.fareway.operator.usage.UsageIndex;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How long it takes to judge all budgets of a large cluster anew: 5,000 nodes that write of 100
 * functions each, 500,000 pods, 100 namespaces with five budgets each. On one thread; the launcher
 * gives Java one CPU.
 */
public final class UsageBench {
  private static final int NODES = 5000;
  private static final int FUNCTIONS = 100;
  private static final int NAMESPACES = 100;
  private static final int BUDGETS = 5;
  private static final int ROUNDS = 21;
  private static final int NODE_WRITE_SECONDS = 30;
  private static final int STATUS_SECONDS = 60;
  private static final String MONTH = "2026-11";
  private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");
  private static final Map<String, Long> PRICES = Map.of("dear", 20_000L, "cheap", 2_000L);

  private record Figure(String name, double value, String unit) {}

  private final UsageIndex index = new UsageIndex();
  private final BudgetPods pods = new BudgetPods();
  private final BudgetGuard guard = new BudgetGuard();
  private final List<NodeUsage> objects = new ArrayList<>();
  private final List<Budget> budgets = new ArrayList<>();
  private final List<Figure> figures = new ArrayList<>();

  private UsageBench() {}

  /** Takes {@code --json FILE}. */
  public static void main(String[] args) throws IOException {
    if (args.length != 0 && !(args.length == 2 && args[0].equals("--json"))) {
      boolean asked = List.of("-h", "--help").contains(args[0]);
      (asked ? System.out : System.err).println("Usage: ./fareway bench usage [--json FILE]");
      System.exit(asked ? 0 : 2);
    }
    var bench = new UsageBench();
    bench.prepare();
    bench.run();
    for (Figure of : bench.figures) {
      System.out.printf(Locale.ROOT, "%-44s %,14.3f %s%n", of.name, of.value, of.unit);
    }
    if (args.length == 2) {
      Files.writeString(Path.of(args[1]), bench.json());
    }
  }

  private void prepare() {
    for (int node = 0; node < NODES; node++) {
      var usage = new ArrayList<Usage>();
      for (int f = 0; f < FUNCTIONS; f++) {
        // Ten functions in each of ten namespaces; each function on many nodes.
        String namespace = "ns-" + (node + f / 10) % NAMESPACES;
        String function = "f-" + f % 10 + "-" + node % 20;
        String priceClass = f % 2 == 0 ? "dear" : "cheap";
        usage.add(
            new Usage(
                namespace, function, priceClass, 1_000_000_000L * node, 5, 7_000_000, 1, 3, 2));
        pods.podChanged(
            new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("p-%d-%d".formatted(node, f))
                .withUid("u-%d-%d".formatted(node, f))
                .addToLabels("app", function)
                .addToLabels("team", "t" + f % BUDGETS)
                .addToLabels("serving.knative.dev/service", function)
                .addToAnnotations(Fareway.PRICE_CLASS, priceClass)
                .endMetadata()
                .withNewSpec()
                .withSchedulerName(Fareway.SCHEDULER_NAME)
                .withNodeName("node-" + node)
                .endSpec()
                .build());
      }
      var object = new NodeUsage();
      object.setSpec(new NodeUsageSpec("node-" + node, MONTH, 0));
      object.setStatus(new NodeUsageStatus(1, usage));
      objects.add(object);
    }
    for (int namespace = 0; namespace < NAMESPACES; namespace++) {
      for (int of = 0; of < BUDGETS; of++) {
        var budget = new Budget();
        budget.getMetadata().setNamespace("ns-" + namespace);
        budget.getMetadata().setName("b-" + of);
        budget.setSpec(
            Serialization.unmarshal(
                "monthlyLimit: %d\nahead: Degrade\ndegradeTo: cheap\nselector: {matchLabels: {team: t%d}}"
                    .formatted(1 + namespace, of),
                BudgetSpec.class));
        budgets.add(budget);
      }
    }
  }

  private void run() {
    long began = cpuNanos();
    objects.forEach(object -> index.changed(null, object));
    figure("all_nodes_taken_in", millis(cpuNanos() - began), "ms");

    var rounds = new double[ROUNDS];
    var walls = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long wall = System.nanoTime();
      began = cpuNanos();
      judgeAll();
      rounds[round] = millis(cpuNanos() - began);
      walls[round] = millis(System.nanoTime() - wall);
    }
    figure("budgets", budgets.size(), "budgets");
    figure("all_budgets_first_time", rounds[0], "ms CPU");
    Arrays.sort(rounds);
    Arrays.sort(walls);
    figure("all_budgets_median", rounds[ROUNDS / 2], "ms CPU");
    figure("all_budgets_worst", rounds[ROUNDS - 1], "ms CPU");
    figure("all_budgets_median_wall", walls[ROUNDS / 2], "ms");
    figure("all_budgets_worst_wall", walls[ROUNDS - 1], "ms");

    began = cpuNanos();
    int orders = 0;
    for (String namespace : pods.namespaces()) {
      orders +=
          BudgetOrders.of(pods.of(namespace), kind -> guard.inForce(namespace, kind.labels()))
              .size();
    }
    figure("pods_looked_through", millis(cpuNanos() - began), "ms CPU");
    figure("pods_to_be_told", orders, "pods");

    began = cpuNanos();
    objects.forEach(object -> index.changed(object, object));
    double writeMicros = millis(cpuNanos() - began) * 1000 / NODES;
    figure("one_node_write_taken_in", writeMicros, "us CPU");

    // What is written a second, at most: each by its own rule.
    figure("api_writes_of_all_nodes", (double) NODES / NODE_WRITE_SECONDS, "writes/s");
    figure("api_writes_of_budget_figures", (double) budgets.size() / STATUS_SECONDS, "writes/s");
    figure("api_writes_to_pods", 100, "writes/s");
    figure("api_writes_of_the_archive", 10, "writes/s");
  }

  /** As the reconciler does, for each budget in turn. */
  private void judgeAll() {
    for (Budget budget : budgets) {
      String namespace = budget.getMetadata().getNamespace();
      List<Kind> selected =
          pods.kinds(namespace).stream()
              .filter(kind -> Selection.matches(budget.getSpec().selector(), kind.labels()))
              .toList();
      Set<String> functions = selected.stream().map(Kind::function).collect(Collectors.toSet());
      var _ =
          BudgetProblems.of(
              budget,
              PRICES,
              selected.stream()
                  .map(Kind::priceClass)
                  .collect(Collectors.toCollection(TreeSet::new)));
      var result =
          BudgetAccount.compute(
              budget,
              NOW,
              month -> index.of(month, namespace, functions::contains),
              functions::contains,
              (_, _) -> OptionalLong.empty());
      budget.setStatus(result.status());
      var _ =
          guard.put(
              namespace,
              budget.getMetadata().getName(),
              BudgetAction.of(budget, result.status(), PRICES, BudgetAction.Options.DEFAULTS)
                  .map(
                      of ->
                          new BudgetGuard.InForce(
                              budget.getMetadata().getName(), budget.getSpec().selector(), of))
                  .orElse(null));
    }
  }

  private void figure(String name, double value, String unit) {
    figures.add(new Figure(name, value, unit));
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static double millis(long nanos) {
    return nanos / 1e6;
  }

  private String json() {
    var lines = new ArrayList<String>();
    for (Figure of : figures) {
      lines.add(
          String.format(
              Locale.ROOT,
              "    {\"name\": \"%s\", \"value\": %.4f, \"unit\": \"%s\"}",
              of.name,
              of.value,
              of.unit));
    }
    return """
        {
          "bench": "usage",
          "command": "./fareway bench usage",
          "nodes": %d,
          "functionsPerNode": %d,
          "figures": [
        %s
          ]
        }
        """
        .formatted(NODES, FUNCTIONS, String.join(",\n", lines));
  }
}
