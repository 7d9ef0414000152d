package dev.fareway.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fareway.cli.output.Amounts;
import dev.fareway.cli.output.Json;
import dev.fareway.cli.output.Table;
import dev.fareway.cli.output.Table.Column;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The nodes: what is enforced on each, how many instances it has, and how full it is. */
public record Nodes(List<Row> rows) {
  private static final String ENFORCEMENT = "FarewayEnforcement";
  private static final String UNKNOWN = "-";

  /** Keeps a copy. */
  public Nodes {
    rows = List.copyOf(rows);
  }

  /**
   * What a node uses.
   *
   * @param nanoCores CPU time a second, in nanoseconds
   * @param memoryBytes memory that it works with
   * @param swapBytes swap in use; empty: nobody says
   * @param swapCapacityBytes swap that there is; empty: nobody says
   */
  public record NodeUse(
      long nanoCores, long memoryBytes, OptionalLong swapBytes, OptionalLong swapCapacityBytes) {

    /** Reads a kubelet's {@code /stats/summary}. */
    public static NodeUse ofKubelet(JsonNode summary) {
      JsonNode node = summary.path("node");
      JsonNode used = node.path("swap").path("swapUsageBytes");
      JsonNode free = node.path("swap").path("swapAvailableBytes");
      return new NodeUse(
          node.path("cpu").path("usageNanoCores").asLong(),
          node.path("memory").path("workingSetBytes").asLong(),
          used.isNumber() ? OptionalLong.of(used.asLong()) : OptionalLong.empty(),
          used.isNumber() && free.isNumber()
              ? OptionalLong.of(Math.addExact(used.asLong(), free.asLong()))
              : OptionalLong.empty());
    }

    /** Reads a {@code NodeMetrics} of the API {@code metrics.k8s.io}. */
    public static NodeUse ofMetrics(JsonNode metrics) {
      return new NodeUse(
          Facts.quantity(metrics.path("usage").path("cpu")).movePointRight(9).longValue(),
          Facts.quantity(metrics.path("usage").path("memory")).longValue(),
          OptionalLong.empty(),
          OptionalLong.empty());
    }
  }

  /**
   * A node.
   *
   * @param status as kubectl has it: Ready, NotReady, and SchedulingDisabled after a comma
   * @param enforcement reason of the condition FarewayEnforcement; empty: no daemon has said
   *     anything
   * @param isEnforced whether anything is in force
   * @param message why
   * @param instances instances by class
   * @param cpuNanoCores allocatable
   * @param memoryBytes allocatable
   */
  public record Row(
      String name,
      String status,
      String enforcement,
      boolean isEnforced,
      String message,
      Map<String, Integer> instances,
      long cpuNanoCores,
      long memoryBytes,
      Optional<NodeUse> use) {
    /** Keeps a copy. */
    public Row {
      instances = new TreeMap<>(instances);
    }

    int count() {
      return instances.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  /** Puts together. */
  public static Nodes of(
      Collection<JsonNode> nodes,
      Collection<PodFacts> pods,
      Map<String, NamespaceFacts> namespaces,
      PriceList prices,
      Map<String, NodeUse> usage) {
    var instances = new TreeMap<String, Map<String, Integer>>();
    for (PodFacts pod : pods) {
      if (pod.isFunction() && pod.isPlaced() && !pod.hasEnded()) {
        String priceClass =
            ClassChoice.of(
                    pod, namespaces.getOrDefault(pod.namespace(), NamespaceFacts.SILENT), prices)
                .effective(pod.annotations(), prices);
        instances
            .computeIfAbsent(pod.node(), _ -> new TreeMap<>())
            .merge(priceClass, 1, Integer::sum);
      }
    }
    var rows = new ArrayList<Row>();
    for (JsonNode node : nodes) {
      String name = Facts.text(node, "metadata", "name");
      JsonNode condition = Facts.condition(node, ENFORCEMENT);
      JsonNode allocatable = node.path("status").path("allocatable");
      rows.add(
          new Row(
              name,
              status(node),
              Facts.text(condition, "reason"),
              Facts.text(condition, "status").equals("True"),
              Facts.text(condition, "message"),
              instances.getOrDefault(name, Map.of()),
              Facts.quantity(allocatable.path("cpu")).movePointRight(9).longValue(),
              Facts.quantity(allocatable.path("memory")).longValue(),
              Optional.ofNullable(usage.get(name))));
    }
    rows.sort(Comparator.comparing(Row::name));
    return new Nodes(rows);
  }

  private static String status(JsonNode node) {
    boolean ready = Facts.text(Facts.condition(node, "Ready"), "status").equals("True");
    boolean cordoned = node.path("spec").path("unschedulable").asBoolean(false);
    return (ready ? "Ready" : "NotReady") + (cordoned ? ",SchedulingDisabled" : "");
  }

  /** As a table. */
  public String table(boolean wide) {
    var columns =
        new ArrayList<>(
            List.of(
                Column.text("NAME"),
                Column.text("STATUS"),
                Column.text("ENFORCEMENT"),
                Column.number("INSTANCES"),
                Column.number("CPU"),
                Column.number("MEMORY"),
                Column.number("SWAP")));
    if (wide) {
      columns.add(Column.text("BY CLASS"));
      columns.add(Column.text("WHY"));
    }
    var table = new Table(columns);
    for (Row row : rows) {
      var cells = new ArrayList<String>();
      cells.add(row.name);
      cells.add(row.status);
      cells.add(enforcement(row));
      cells.add(Integer.toString(row.count()));
      cells.add(
          row.use.map(use -> Amounts.cpu(use.nanoCores())).orElse(UNKNOWN)
              + "/"
              + Amounts.cpu(row.cpuNanoCores));
      cells.add(
          row.use.map(use -> Amounts.memory(use.memoryBytes())).orElse(UNKNOWN)
              + "/"
              + Amounts.memory(row.memoryBytes));
      cells.add(row.use.map(Nodes::swap).orElse(UNKNOWN));
      if (wide) {
        cells.add(
            row.instances.isEmpty()
                ? UNKNOWN
                : row.instances.entrySet().stream()
                    .map(of -> of.getKey() + "=" + of.getValue())
                    .collect(java.util.stream.Collectors.joining(",")));
        cells.add(row.message.isEmpty() ? UNKNOWN : row.message);
      }
      table.add(cells.toArray(String[]::new));
    }
    return table.render();
  }

  private static String swap(NodeUse use) {
    if (use.swapBytes().isEmpty()) {
      return UNKNOWN;
    }
    return Amounts.memory(use.swapBytes().getAsLong())
        + (use.swapCapacityBytes().isPresent()
            ? "/" + Amounts.memory(use.swapCapacityBytes().getAsLong())
            : "");
  }

  /** DryRun, Off, or Unavailable where nothing is in force. */
  private static String enforcement(Row row) {
    return row.enforcement.isEmpty() ? "NoDaemon" : row.enforcement;
  }

  /** As JSON. */
  public String json() {
    ObjectNode root = Json.object();
    ArrayNode nodes = root.putArray("nodes");
    for (Row row : rows) {
      ObjectNode node = nodes.addObject();
      node.put("name", row.name);
      node.put("status", row.status);
      ObjectNode enforcement = node.putObject("enforcement");
      enforcement.put("inForce", row.isEnforced);
      enforcement.put("reason", row.enforcement.isEmpty() ? "NoDaemon" : row.enforcement);
      enforcement.put("message", row.message);
      node.put("instances", row.count());
      ObjectNode byClass = node.putObject("instancesByPriceClass");
      row.instances.forEach(byClass::put);
      node.put("allocatableCpuNanoCores", row.cpuNanoCores);
      node.put("allocatableMemoryBytes", row.memoryBytes);
      row.use.ifPresent(
          use -> {
            node.put("cpuNanoCores", use.nanoCores());
            node.put("memoryBytes", use.memoryBytes());
            use.swapBytes().ifPresent(bytes -> node.put("swapBytes", bytes));
            use.swapCapacityBytes().ifPresent(bytes -> node.put("swapCapacityBytes", bytes));
          });
    }
    return Json.render(root);
  }
}
