package dev.fareway.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fareway.crds.NodeUsageStatus.Usage;
import dev.fareway.crds.UsageReportStatus.Spending;
import dev.fareway.crds.usage.FunctionClass;
import dev.fareway.crds.usage.UsageStatement;
import dev.fareway.crds.usage.UsageSum;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Takes in {@code NodeUsage} and {@code UsageReport} objects, one by one, for one month's bill. Not
 * thread-safe.
 */
public final class Metering {
  private final YearMonth month;
  private final Optional<String> namespace;
  private final Map<String, Map<FunctionClass, UsageSum>> metered = new HashMap<>();
  private final Map<String, List<Spending>> archived = new TreeMap<>();

  /**
   * Nothing yet.
   *
   * @param month in UTC
   * @param namespace the only one that counts; empty: all
   */
  public Metering(YearMonth month, Optional<String> namespace) {
    this.month = month;
    this.namespace = namespace;
  }

  /** Takes in a {@code NodeUsage}, of any month. */
  public void nodeUsage(JsonNode object) {
    if (!isOfMonth(object)) {
      return;
    }
    for (JsonNode usage : object.path("status").path("usage")) {
      String of = Facts.text(usage, "namespace");
      if (counts(of)) {
        metered
            .computeIfAbsent(of, _ -> new HashMap<>())
            .computeIfAbsent(
                new FunctionClass(Facts.text(usage, "function"), Facts.text(usage, "priceClass")),
                _ -> new UsageSum())
            .add(
                new Usage(
                    of,
                    Facts.text(usage, "function"),
                    Facts.text(usage, "priceClass"),
                    usage.path("cpuNanos").asLong(),
                    usage.path("memoryByteSeconds").asLong(),
                    usage.path("costNanoUnits").asLong(),
                    usage.path("memoryCostNanoUnits").asLong(),
                    usage.path("cpuCostRemainder").asLong(),
                    usage.path("memoryCostRemainder").asLong()));
      }
    }
  }

  /** Takes in a {@code UsageReport}, of any month. */
  public void usageReport(JsonNode object) {
    String of = Facts.text(object, "spec", "namespace");
    if (!isOfMonth(object) || !counts(of)) {
      return;
    }
    List<Spending> spending = archived.computeIfAbsent(of, _ -> new ArrayList<>());
    for (JsonNode line : object.path("status").path("spending")) {
      spending.add(
          new Spending(
              Facts.text(line, "function"),
              Facts.text(line, "priceClass"),
              line.path("cpuSeconds").asLong(),
              line.path("memoryGiBSeconds").asLong(),
              new Quantity(Facts.text(line, "spent")),
              new Quantity(Facts.text(line, "memorySpent"))));
    }
  }

  private boolean isOfMonth(JsonNode object) {
    return month.toString().equals(Facts.text(object, "spec", "month"));
  }

  private boolean counts(String of) {
    return namespace.isEmpty() || namespace.get().equals(of);
  }

  /**
   * The bill of what was taken in.
   *
   * @throws ArithmeticException naming the namespace, if an amount of its money does not fit
   */
  public Bill bill() {
    var statements = new TreeMap<String, List<Spending>>();
    metered.forEach((of, sums) -> statements.put(of, statement(of, sums)));
    return Bill.of(month, statements, archived);
  }

  private List<Spending> statement(String of, Map<FunctionClass, UsageSum> sums) {
    try {
      return UsageStatement.of(sums);
    } catch (ArithmeticException e) {
      var named =
          new ArithmeticException(
              "of namespace %s in %s. Bill the others with --namespace".formatted(of, month));
      named.initCause(e);
      throw named;
    }
  }
}
