package dev.fareway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fareway.cli.cluster.ClusterFailure;
import dev.fareway.cli.cluster.ClusterReader;
import dev.fareway.cli.view.NamespaceFacts;
import dev.fareway.cli.view.PodFacts;
import dev.fareway.cli.view.PriceList;
import dev.fareway.crds.Fareway;
import dev.fareway.crds.Money;
import io.fabric8.kubernetes.api.model.Quantity;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What several commands read. */
final class Reads {
  static final String OURS = "/apis/" + Fareway.GROUP + "/" + Fareway.VERSION + "/";
  private static final String MEMORY_PRICE = "--memory-price=";

  private final ClusterReader cluster;

  Reads(ClusterReader cluster) {
    this.cluster = cluster;
  }

  PriceList prices() {
    var objects = new ArrayList<JsonNode>();
    cluster.list(OURS + "priceclasses", objects::add);
    return PriceList.read(objects);
  }

  /** Function pods that have not ended, of one namespace or of all. */
  List<PodFacts> functionPods(Optional<String> namespace) {
    var pods = new ArrayList<PodFacts>();
    cluster.list(
        namespace.map(of -> "/api/v1/namespaces/" + encoded(of) + "/pods").orElse("/api/v1/pods"),
        item -> {
          PodFacts pod = PodFacts.read(item);
          if (pod.isFunction() && !pod.hasEnded()) {
            pods.add(pod);
          }
        });
    return pods;
  }

  /**
   * What the pods' namespaces say, by name. Who may not read namespaces sees what pods say
   * themselves: admission has written their class on them.
   */
  Map<String, NamespaceFacts> namespaces(Collection<PodFacts> pods) {
    Set<String> wanted = new HashSet<>();
    for (PodFacts pod : pods) {
      if (!pod.annotations().containsKey(Fareway.PRICE_CLASS)) {
        wanted.add(pod.namespace());
      }
    }
    var namespaces = new HashMap<String, NamespaceFacts>();
    try {
      if (wanted.size() <= 3) {
        for (String name : wanted) {
          namespaces.put(name, namespace(name));
        }
      } else {
        cluster.list(
            "/api/v1/namespaces",
            item ->
                namespaces.put(
                    item.path("metadata").path("name").asText(), NamespaceFacts.read(item)));
      }
    } catch (ClusterFailure e) {
      if (e.kind() != ClusterFailure.Kind.NOT_ALLOWED) {
        throw e;
      }
    }
    return namespaces;
  }

  /** What a namespace says; nothing if it may not be read. */
  NamespaceFacts namespace(String name) {
    return optional("/api/v1/namespaces/" + encoded(name))
        .map(NamespaceFacts::read)
        .orElse(NamespaceFacts.SILENT);
  }

  /** An object; empty if there is none, or if it may not be read. */
  Optional<JsonNode> optional(String path) {
    try {
      return cluster.find(path);
    } catch (ClusterFailure e) {
      if (e.kind() == ClusterFailure.Kind.NOT_ALLOWED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Objects; none if they may not be read, or if there is no such collection. */
  List<JsonNode> optionalList(String path) {
    var objects = new ArrayList<JsonNode>();
    try {
      cluster.list(path, objects::add);
    } catch (ClusterFailure e) {
      return switch (e.kind()) {
        case NOT_ALLOWED, NOT_THERE -> List.of();
        case NO_CLUSTER, REFUSED -> throw e;
      };
    }
    return objects;
  }

  /**
   * The memory price, in nano-units per GiB second: the node daemons are told it as an option, so
   * it stands in their DaemonSet.
   */
  Optional<Long> memoryPrice() {
    for (JsonNode set :
        optionalList(
            "/apis/apps/v1/daemonsets?labelSelector="
                + encoded(
                    "app.kubernetes.io/part-of=fareway,app.kubernetes.io/component=node-daemon"))) {
      for (JsonNode container : set.path("spec").path("template").path("spec").path("containers")) {
        for (JsonNode argument : container.path("args")) {
          if (argument.asText().startsWith(MEMORY_PRICE)) {
            return price(argument.asText().substring(MEMORY_PRICE.length()));
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Long> price(String quantity) {
    try {
      return Optional.of(Money.of(new Quantity(quantity)).nanoUnits());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** How many replicas of the operator are ready; empty: it can't be told. */
  Optional<Integer> operatorReady() {
    List<JsonNode> deployments =
        optionalList(
            "/apis/apps/v1/deployments?labelSelector="
                + encoded(
                    "app.kubernetes.io/part-of=fareway,app.kubernetes.io/component=operator"));
    return deployments.isEmpty()
        ? Optional.empty()
        : Optional.of(
            deployments.stream()
                .mapToInt(of -> of.path("status").path("readyReplicas").asInt())
                .sum());
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
