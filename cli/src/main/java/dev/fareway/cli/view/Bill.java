package dev.fareway.cli.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fareway.cli.output.Amounts;
import dev.fareway.cli.output.Csv;
import dev.fareway.cli.output.Json;
import dev.fareway.cli.output.Table;
import dev.fareway.cli.output.Table.Column;
import dev.fareway.crds.Money;
import dev.fareway.crds.UsageReportStatus.Spending;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What each function cost in a month, in which class, and which part of it was memory.
 *
 * <p>Lines add up to their namespace's cost, and those to the total, to the nano-unit: see {@link
 * dev.fareway.crds.usage.UsageStatement}.
 *
 * @param month in UTC
 * @param lines by namespace, function and class
 */
public record Bill(YearMonth month, List<Line> lines) {
  /** Keeps a copy. */
  public Bill {
    lines = List.copyOf(lines);
  }

  /** What a function cost in a class. */
  public record Line(
      String namespace,
      String function,
      String priceClass,
      long cpuSeconds,
      long memoryGibSeconds,
      Money cost,
      Money memoryCost) {

    Line plus(Line other) {
      return new Line(
          namespace,
          function,
          priceClass,
          Math.addExact(cpuSeconds, other.cpuSeconds),
          Math.addExact(memoryGibSeconds, other.memoryGibSeconds),
          cost.plus(other.cost),
          memoryCost.plus(other.memoryCost));
    }

    Line as(String ofNamespace, String ofFunction, String ofClass) {
      return new Line(
          ofNamespace, ofFunction, ofClass, cpuSeconds, memoryGibSeconds, cost, memoryCost);
    }
  }

  /**
   * Puts a bill together from what nodes say now and what was archived.
   *
   * <p>The operator archives a namespace's month first and deletes the nodes' objects then, one by
   * one. So one of the two is always whole, neither is ever more than the whole, and the larger is
   * right.
   *
   * @param metered by namespace, from {@code NodeUsage} objects
   * @param archived by namespace, from {@code UsageReport} objects that were read after those
   * @throws ArithmeticException if an amount of money does not fit
   */
  public static Bill of(
      YearMonth month, Map<String, List<Spending>> metered, Map<String, List<Spending>> archived) {
    var namespaces = new TreeSet<>(metered.keySet());
    namespaces.addAll(archived.keySet());
    var lines = new ArrayList<Line>();
    for (String namespace : namespaces) {
      List<Line> fromNodes = lines(namespace, metered.getOrDefault(namespace, List.of()));
      List<Line> fromArchive = lines(namespace, archived.getOrDefault(namespace, List.of()));
      lines.addAll(
          sum(fromArchive).compareTo(sum(fromNodes)) >= 0 && !fromArchive.isEmpty()
              ? fromArchive
              : fromNodes);
    }
    return new Bill(month, lines);
  }

  private static List<Line> lines(String namespace, List<Spending> spending) {
    return spending.stream()
        .map(
            of ->
                new Line(
                    namespace,
                    of.function(),
                    of.priceClass(),
                    of.cpuSeconds(),
                    of.memoryGiBSeconds(),
                    Money.of(of.spent()),
                    Money.of(of.memorySpent())))
        .sorted(Comparator.comparing(Line::function).thenComparing(Line::priceClass))
        .toList();
  }

  private static Money sum(List<Line> lines) {
    return lines.stream().map(Line::cost).reduce(Money.ZERO, Money::plus);
  }

  private Line total() {
    return lines.stream()
        .map(line -> line.as("TOTAL", "", ""))
        .reduce(new Line("TOTAL", "", "", 0, 0, Money.ZERO, Money.ZERO), Line::plus);
  }

  /** As a table: dearest lines of a namespace first, a line of totals, and the same by class. */
  public String table() {
    var table =
        new Table(
            List.of(
                Column.text("NAMESPACE"),
                Column.text("FUNCTION"),
                Column.text("CLASS"),
                Column.number("CPU SECONDS"),
                Column.number("MEMORY GIB SECONDS"),
                Column.number("COST"),
                Column.number("OF IT MEMORY"),
                Column.number("SHARE")));
    lines.stream()
        .sorted(
            Comparator.comparing(Line::namespace)
                .thenComparing(Line::cost, Comparator.reverseOrder())
                .thenComparing(Line::function)
                .thenComparing(Line::priceClass))
        .forEach(line -> add(table, line));
    add(table, total());
    var classes =
        new Table(
            List.of(
                Column.text("CLASS"),
                Column.number("CPU SECONDS"),
                Column.number("MEMORY GIB SECONDS"),
                Column.number("COST"),
                Column.number("OF IT MEMORY"),
                Column.number("SHARE")));
    byClass()
        .forEach(
            line ->
                classes.add(
                    line.priceClass,
                    Long.toString(line.cpuSeconds),
                    Long.toString(line.memoryGibSeconds),
                    Amounts.money(line.cost),
                    Amounts.money(line.memoryCost),
                    Amounts.share(line.memoryCost, line.cost)));
    return table.render() + (classes.isEmpty() ? "" : "\n" + classes.render());
  }

  private static void add(Table table, Line line) {
    table.add(
        line.namespace,
        line.function,
        line.priceClass,
        Long.toString(line.cpuSeconds),
        Long.toString(line.memoryGibSeconds),
        Amounts.money(line.cost),
        Amounts.money(line.memoryCost),
        Amounts.share(line.memoryCost, line.cost));
  }

  private List<Line> byClass() {
    var classes = new TreeMap<String, Line>();
    lines.forEach(
        line -> classes.merge(line.priceClass, line.as("", "", line.priceClass), Line::plus));
    return classes.values().stream()
        .sorted(Comparator.comparing(Line::cost).reversed().thenComparing(Line::priceClass))
        .toList();
  }

  /** As CSV: lines alone, so that whoever adds up counts nothing twice. */
  public String csv() {
    var text =
        new StringBuilder(
            Csv.line(
                List.of(
                    "month",
                    "namespace",
                    "function",
                    "price_class",
                    "cpu_seconds",
                    "memory_gib_seconds",
                    "cost",
                    "memory_cost")));
    for (Line line : lines) {
      text.append(
          Csv.line(
              List.of(
                  month.toString(),
                  line.namespace,
                  line.function,
                  line.priceClass,
                  Long.toString(line.cpuSeconds),
                  Long.toString(line.memoryGibSeconds),
                  line.cost.toString(),
                  line.memoryCost.toString())));
    }
    return text.toString();
  }

  /** As JSON. Money is text: a number would lose digits in many a reader. */
  public String json() {
    ObjectNode root = Json.object();
    root.put("month", month.toString());
    ArrayNode namespaces = root.putArray("namespaces");
    for (String namespace : new TreeSet<>(lines.stream().map(Line::namespace).toList())) {
      List<Line> own = lines.stream().filter(line -> line.namespace.equals(namespace)).toList();
      ObjectNode node = namespaces.addObject();
      node.put("namespace", namespace);
      own.stream()
          .map(line -> line.as("", "", ""))
          .reduce(Line::plus)
          .ifPresent(sum -> figures(node, sum));
      ArrayNode functions = node.putArray("functions");
      for (Line line : own) {
        ObjectNode of = functions.addObject();
        of.put("function", line.function);
        of.put("priceClass", line.priceClass);
        figures(of, line);
      }
    }
    ArrayNode classes = root.putArray("priceClasses");
    for (Line line : byClass()) {
      ObjectNode of = classes.addObject();
      of.put("priceClass", line.priceClass);
      figures(of, line);
    }
    figures(root.putObject("total"), total());
    return Json.render(root);
  }

  private static void figures(ObjectNode node, Line line) {
    node.put("cpuSeconds", line.cpuSeconds);
    node.put("memoryGiBSeconds", line.memoryGibSeconds);
    node.put("cost", line.cost.toString());
    node.put("memoryCost", line.memoryCost.toString());
  }
}
