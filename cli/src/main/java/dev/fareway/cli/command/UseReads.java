package dev.fareway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fareway.cli.cluster.ClusterFailure;
import dev.fareway.cli.cluster.ClusterReader;
import dev.fareway.cli.view.Nodes.NodeUse;
import dev.fareway.cli.view.PodUsage;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * What pods and nodes use now: from the kubelets, through the API server, since they alone know of
 * swap; for who may not ask them, from the API {@code metrics.k8s.io}.
 */
final class UseReads {
  private static final int AT_ONCE = 8;

  private final ClusterReader cluster;
  private final Consumer<String> notes;

  /**
   * Reads nothing yet.
   *
   * @param notes takes what the user should know of the figures, a sentence each
   */
  UseReads(ClusterReader cluster, Consumer<String> notes) {
    this.cluster = cluster;
    this.notes = notes;
  }

  /** What all use, by {@code namespace/name} and by node. */
  record Use(Map<String, PodUsage> pods, Map<String, NodeUse> nodes) {}

  /**
   * Reads.
   *
   * @param nodes whom to ask
   * @param namespace where else to look for pods' metrics; empty: in all namespaces
   */
  Use read(Collection<String> nodes, Optional<String> namespace) {
    if (nodes.isEmpty()) {
      return new Use(Map.of(), Map.of());
    }
    Optional<Map<String, JsonNode>> summaries = summaries(nodes);
    if (summaries.isEmpty()) {
      return fromMetrics(namespace);
    }
    var pods = new HashMap<String, PodUsage>();
    var used = new HashMap<String, NodeUse>();
    summaries
        .get()
        .forEach(
            (node, summary) -> {
              pods.putAll(PodUsage.ofKubelet(summary));
              used.put(node, NodeUse.ofKubelet(summary));
            });
    return new Use(pods, used);
  }

  /** Empty if the user may not ask kubelets. */
  private Optional<Map<String, JsonNode>> summaries(Collection<String> nodes) {
    var sorted = new TreeSet<>(nodes);
    var answers = new ConcurrentHashMap<String, JsonNode>();
    var silent = new ConcurrentHashMap<String, String>();
    var forbidden = new AtomicBoolean();
    // The first one alone: who is refused there is refused everywhere, and need not ask a thousand.
    ask(sorted.first(), answers, silent, forbidden);
    if (forbidden.get()) {
      return Optional.empty();
    }
    try (var asking = Executors.newFixedThreadPool(AT_ONCE)) {
      for (String node : sorted.tailSet(sorted.first(), false)) {
        asking.execute(() -> ask(node, answers, silent, forbidden));
      }
    }
    if (answers.isEmpty() && !silent.isEmpty()) {
      return Optional.empty();
    }
    if (!silent.isEmpty()) {
      notes.accept(
          "%d of %d kubelets did not say what is used on them, such as %s."
              .formatted(silent.size(), sorted.size(), new TreeSet<>(silent.keySet()).getFirst()));
    }
    return Optional.of(answers);
  }

  private void ask(
      String node,
      Map<String, JsonNode> answers,
      Map<String, String> silent,
      AtomicBoolean forbidden) {
    if (forbidden.get()) {
      return;
    }
    try {
      answers.put(
          node, cluster.get("/api/v1/nodes/" + Reads.encoded(node) + "/proxy/stats/summary"));
    } catch (ClusterFailure e) {
      if (e.kind() == ClusterFailure.Kind.NOT_ALLOWED) {
        forbidden.set(true);
      } else {
        silent.put(node, e.sentence());
      }
    }
  }

  private Use fromMetrics(Optional<String> namespace) {
    var pods = new HashMap<String, PodUsage>();
    var nodes = new HashMap<String, NodeUse>();
    String api = "/apis/metrics.k8s.io/v1beta1/";
    try {
      cluster.list(
          api + namespace.map(of -> "namespaces/" + Reads.encoded(of) + "/").orElse("") + "pods",
          item -> {
            var of = PodUsage.ofMetrics(item);
            pods.put(of.getKey(), of.getValue());
          });
    } catch (ClusterFailure e) {
      notes.accept(
          "Nobody says what pods use: the kubelets may not be asked or don't answer, and neither does the metrics API (%s)"
              .formatted(e.sentence()));
      return new Use(pods, nodes);
    }
    notes.accept(
        "Swap is not shown: it is known to the kubelets alone, and you may not ask them (nodes/proxy) or they don't answer.");
    try {
      cluster.list(
          api + "nodes",
          item -> nodes.put(item.path("metadata").path("name").asText(), NodeUse.ofMetrics(item)));
    } catch (ClusterFailure e) {
      // Who may see pods of a namespace need not be allowed to see nodes: their cells stay empty.
      return new Use(pods, nodes);
    }
    return new Use(pods, nodes);
  }
}
