package dev.fareway.cli.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fareway.cli.output.Amounts;
import dev.fareway.cli.output.Json;
import dev.fareway.cli.output.Table;
import dev.fareway.cli.output.Table.Column;
import dev.fareway.crds.Money;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What functions use now and what an hour of it costs, dearest class first.
 *
 * @param rows one per function and class
 * @param memoryPrice in nano-units per GiB second; empty: it is not known, and memory not counted
 */
public record Top(List<Row> rows, Optional<Long> memoryPrice) {
  private static final String UNKNOWN = "-";

  /** Keeps a copy. */
  public Top {
    rows = List.copyOf(rows);
  }

  /**
   * What the instances of a function in a class use together.
   *
   * @param priceClass the class that they run in; empty: none
   * @param ownClass the class that they name, where a budget has lowered it; empty: the same
   * @param measured whether anybody says what they use
   * @param swapKnown whether anybody says what of them is swapped out
   * @param costAnHour what an hour like this moment costs
   */
  public record Row(
      String priceClass,
      String ownClass,
      String namespace,
      String function,
      int instances,
      int waiting,
      boolean measured,
      long nanoCores,
      long memoryBytes,
      boolean swapKnown,
      long swapBytes,
      Money costAnHour) {

    Row plus(Row other) {
      return new Row(
          priceClass,
          ownClass,
          namespace,
          function,
          instances + other.instances,
          waiting + other.waiting,
          measured || other.measured,
          Math.addExact(nanoCores, other.nanoCores),
          Math.addExact(memoryBytes, other.memoryBytes),
          swapKnown || other.swapKnown,
          Math.addExact(swapBytes, other.swapBytes),
          costAnHour.plus(other.costAnHour));
    }

    Row as(String asClass, String ofNamespace, String ofFunction) {
      return new Row(
          asClass,
          "",
          ofNamespace,
          ofFunction,
          instances,
          waiting,
          measured,
          nanoCores,
          memoryBytes,
          swapKnown,
          swapBytes,
          costAnHour);
    }
  }

  /**
   * Adds up.
   *
   * @param pods pods of any kind; those that are no functions', or have ended, don't count
   * @param namespaces what namespaces say, by name; one that is missing says nothing
   * @param usage what pods use, by {@link PodFacts#key}
   */
  public static Top of(
      Collection<PodFacts> pods,
      Map<String, NamespaceFacts> namespaces,
      PriceList prices,
      Map<String, PodUsage> usage,
      Optional<Long> memoryPrice) {
    var rows = new TreeMap<String, Row>();
    for (PodFacts pod : pods) {
      if (pod.isFunction() && !pod.hasEnded()) {
        NamespaceFacts namespace = namespaces.getOrDefault(pod.namespace(), NamespaceFacts.SILENT);
        Row row =
            row(
                pod,
                ClassChoice.of(pod, namespace, prices),
                prices,
                Optional.ofNullable(usage.get(pod.key())),
                memoryPrice);
        rows.merge(
            String.join("\0", row.priceClass, row.ownClass, row.namespace, row.function),
            row,
            Row::plus);
      }
    }
    var sorted = new ArrayList<>(rows.values());
    sorted.sort(
        Comparator.comparingInt((Row row) -> prices.rank(row.priceClass))
            .reversed()
            .thenComparing(Row::priceClass)
            .thenComparing(Row::costAnHour, Comparator.reverseOrder())
            .thenComparing(Row::namespace)
            .thenComparing(Row::function)
            .thenComparing(Row::ownClass));
    return new Top(sorted, memoryPrice);
  }

  private static Row row(
      PodFacts pod,
      ClassChoice choice,
      PriceList prices,
      Optional<PodUsage> usage,
      Optional<Long> memoryPrice) {
    String effective = choice.effective(pod.annotations(), prices);
    long price = prices.of(effective).map(of -> of.price().nanoUnitsPerCpuSecond()).orElse(0L);
    PodUsage used = usage.orElse(new PodUsage(0, 0, java.util.OptionalLong.empty()));
    return new Row(
        effective,
        effective.equals(choice.priceClass()) ? "" : choice.priceClass(),
        pod.namespace(),
        pod.function(),
        pod.isPlaced() ? 1 : 0,
        pod.isPlaced() ? 0 : 1,
        usage.isPresent(),
        used.nanoCores(),
        used.memoryBytes(),
        used.swapBytes().isPresent(),
        used.swapBytes().orElse(0),
        Amounts.anHour(used.nanoCores(), price, used.memoryBytes(), memoryPrice));
  }

  /** The same by class alone. */
  public Top byClass() {
    var classes = new java.util.LinkedHashMap<String, Row>();
    for (Row row : rows) {
      classes.merge(row.priceClass, row.as(row.priceClass, "", ""), Row::plus);
    }
    return new Top(List.copyOf(classes.values()), memoryPrice);
  }

  private Optional<Row> total() {
    return rows.stream().map(row -> row.as("TOTAL", "", "")).reduce(Row::plus);
  }

  /**
   * As a table, with a line of totals.
   *
   * @param functions whether rows are functions, not classes
   */
  public String table(boolean functions) {
    var columns = new ArrayList<Column>();
    columns.add(Column.text("CLASS"));
    if (functions) {
      columns.add(Column.text("NAMESPACE"));
      columns.add(Column.text("FUNCTION"));
    }
    for (String heading : List.of("INSTANCES", "WAITING", "CPU", "MEMORY", "SWAP", "COST/HOUR")) {
      columns.add(Column.number(heading));
    }
    var table = new Table(columns);
    rows.forEach(row -> add(table, row, functions));
    total().ifPresent(row -> add(table, row, functions));
    return table.render();
  }

  private static void add(Table table, Row row, boolean functions) {
    var cells = new ArrayList<String>();
    String priceClass = row.priceClass.isEmpty() ? UNKNOWN : row.priceClass;
    cells.add(
        row.ownClass.isEmpty() ? priceClass : "%s (not %s)".formatted(priceClass, row.ownClass));
    if (functions) {
      cells.add(row.namespace);
      cells.add(row.function);
    }
    cells.add(Integer.toString(row.instances));
    cells.add(Integer.toString(row.waiting));
    cells.add(row.measured ? Amounts.cpu(row.nanoCores) : UNKNOWN);
    cells.add(row.measured ? Amounts.memory(row.memoryBytes) : UNKNOWN);
    cells.add(row.swapKnown ? Amounts.memory(row.swapBytes) : UNKNOWN);
    cells.add(row.measured ? Amounts.money(row.costAnHour) : UNKNOWN);
    table.add(cells.toArray(String[]::new));
  }

  /** As JSON: functions, classes and the total. */
  public String json() {
    ObjectNode root = Json.object();
    memoryPrice.ifPresentOrElse(
        price -> root.put("memoryPricePerGiBSecond", new Money(price).toString()),
        () -> root.putNull("memoryPricePerGiBSecond"));
    Function<Row, ObjectNode> plain = Top::json;
    ArrayNode functions = root.putArray("functions");
    for (Row row : rows) {
      ObjectNode node = Json.object();
      node.put("namespace", row.namespace);
      node.put("function", row.function);
      node.put("priceClass", row.priceClass);
      node.put("ownPriceClass", row.ownClass.isEmpty() ? row.priceClass : row.ownClass);
      node.setAll(plain.apply(row));
      functions.add(node);
    }
    ArrayNode classes = root.putArray("priceClasses");
    for (Row row : byClass().rows) {
      ObjectNode node = Json.object();
      node.put("priceClass", row.priceClass);
      node.setAll(plain.apply(row));
      classes.add(node);
    }
    total().ifPresent(row -> root.set("total", json(row)));
    return Json.render(root);
  }

  private static ObjectNode json(Row row) {
    ObjectNode node = Json.object();
    node.put("instances", row.instances);
    node.put("waiting", row.waiting);
    if (row.measured) {
      node.put("cpuNanoCores", row.nanoCores);
      node.put("memoryBytes", row.memoryBytes);
      node.put("costPerHour", row.costAnHour.toString());
    }
    if (row.swapKnown) {
      node.put("swapBytes", row.swapBytes);
    }
    return node;
  }
}
