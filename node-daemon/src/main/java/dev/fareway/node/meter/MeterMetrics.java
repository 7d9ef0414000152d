package dev.fareway.node.meter;

import dev.fareway.node.core.meter.Amounts;
import dev.fareway.node.core.meter.UsageKey;
import java.math.BigDecimal;
import java.util.Map;
import java.util.function.Function;

/**
 * What functions used on this node this month, in Prometheus' text format. The counters begin again
 * with each month, which Prometheus takes as a restart.
 */
final class MeterMetrics {
  /** More would be a burden for whoever scrapes; all are in the node's usage. */
  private static final int MAX_FUNCTIONS = 1000;

  private static final int NANO_DIGITS = 9;

  private MeterMetrics() {}

  static String render(Map<UsageKey, Amounts> total, long refused) {
    var out = new StringBuilder(1024);
    family(
        out,
        "fareway_function_cpu_seconds_total",
        "CPU time that functions used on this node this month.",
        total,
        of -> BigDecimal.valueOf(of.cpuNanos(), NANO_DIGITS).toPlainString());
    family(
        out,
        "fareway_function_memory_byte_seconds_total",
        "Memory that functions held over time on this node this month.",
        total,
        of -> Long.toString(of.memoryByteSeconds()));
    family(
        out,
        "fareway_function_cost_total",
        "What functions cost on this node this month, in the cluster's currency unit.",
        total,
        of -> BigDecimal.valueOf(of.cost(), NANO_DIGITS).toPlainString());
    return out.append("# HELP fareway_node_refused_charges_total Charges that did not fit.\n")
        .append("# TYPE fareway_node_refused_charges_total counter\n")
        .append("fareway_node_refused_charges_total ")
        .append(refused)
        .append('\n')
        .toString();
  }

  private static void family(
      StringBuilder out,
      String name,
      String help,
      Map<UsageKey, Amounts> total,
      Function<Amounts, String> value) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(" counter\n");
    total.entrySet().stream()
        .limit(MAX_FUNCTIONS)
        .forEach(
            entry ->
                out.append(name)
                    .append("{namespace=\"")
                    .append(entry.getKey().namespace())
                    .append("\",function=\"")
                    .append(entry.getKey().function())
                    .append("\",price_class=\"")
                    .append(entry.getKey().priceClass())
                    .append("\"} ")
                    .append(value.apply(entry.getValue()))
                    .append('\n'));
  }
}
