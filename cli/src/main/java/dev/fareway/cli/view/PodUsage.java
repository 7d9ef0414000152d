package dev.fareway.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a pod uses now.
 *
 * @param nanoCores CPU time a second, in nanoseconds
 * @param memoryBytes memory that it works with
 * @param swapBytes memory that is swapped out; empty: nobody says
 */
public record PodUsage(long nanoCores, long memoryBytes, OptionalLong swapBytes) {

  /**
   * Reads a kubelet's {@code /stats/summary}.
   *
   * @return by namespace and name, as {@link PodFacts#key} has it
   */
  public static Map<String, PodUsage> ofKubelet(JsonNode summary) {
    var pods = new HashMap<String, PodUsage>();
    for (JsonNode pod : summary.path("pods")) {
      pods.put(
          Facts.text(pod, "podRef", "namespace") + "/" + Facts.text(pod, "podRef", "name"),
          new PodUsage(
              Math.max(0, pod.path("cpu").path("usageNanoCores").asLong()),
              Math.max(0, pod.path("memory").path("workingSetBytes").asLong()),
              swap(pod)));
    }
    return pods;
  }

  /** The pod's own figure, else the sum of its containers'; a node without swap says nothing. */
  private static OptionalLong swap(JsonNode pod) {
    JsonNode own = pod.path("swap").path("swapUsageBytes");
    if (own.isNumber()) {
      return OptionalLong.of(Math.max(0, own.asLong()));
    }
    OptionalLong sum = OptionalLong.empty();
    for (JsonNode container : pod.path("containers")) {
      JsonNode of = container.path("swap").path("swapUsageBytes");
      if (of.isNumber()) {
        sum = OptionalLong.of(sum.orElse(0) + Math.max(0, of.asLong()));
      }
    }
    return sum;
  }

  /** Reads one {@code PodMetrics} of the API {@code metrics.k8s.io}, which knows of no swap. */
  public static Map.Entry<String, PodUsage> ofMetrics(JsonNode metrics) {
    BigDecimal cpu = BigDecimal.ZERO;
    BigDecimal memory = BigDecimal.ZERO;
    for (JsonNode container : metrics.path("containers")) {
      cpu = cpu.add(Facts.quantity(container.path("usage").path("cpu")));
      memory = memory.add(Facts.quantity(container.path("usage").path("memory")));
    }
    return Map.entry(
        Facts.text(metrics, "metadata", "namespace")
            + "/"
            + Facts.text(metrics, "metadata", "name"),
        new PodUsage(cpu.movePointRight(9).longValue(), memory.longValue(), OptionalLong.empty()));
  }
}
