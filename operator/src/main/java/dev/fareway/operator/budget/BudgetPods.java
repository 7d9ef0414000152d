package dev.fareway.operator.budget;

import dev.fareway.crds.Fareway;
import dev.fareway.operator.shard.PodObserver;
import dev.fareway.scheduler.kubernetes.PodReader;
import io.fabric8.kubernetes.api.model.Pod;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The function pods that there are, by what budgets need of them. Thread-safe. */
@ApplicationScoped
public class BudgetPods implements PodObserver {
  private final Map<String, Map<String, FunctionInstance>> namespaces = new ConcurrentHashMap<>();

  /** Namespaces in which a pod has changed since they were last asked for. */
  private final Set<String> changed = ConcurrentHashMap.newKeySet();

  /**
   * A pod.
   *
   * @param mark what its annotation says of its budgets; empty: nothing
   * @param priceClass the class that it names; empty: none
   * @param stage how far it is
   * @param placedByUs whether its successor would wait for our placing
   */
  record FunctionInstance(
      String namespace,
      String name,
      String uid,
      String function,
      Map<String, String> labels,
      String mark,
      String priceClass,
      Stage stage,
      boolean placedByUs) {}

  /** How far a pod is. */
  enum Stage {
    WAITING,
    ON_A_NODE,
    LEAVING
  }

  /** None yet. */
  public BudgetPods() {}

  @Override
  public void podChanged(Pod pod) {
    var meta = pod.getMetadata();
    Map<String, String> labels = Objects.requireNonNullElse(meta.getLabels(), Map.of());
    Map<String, String> annotations = Objects.requireNonNullElse(meta.getAnnotations(), Map.of());
    boolean placedByUs = Fareway.SCHEDULER_NAME.equals(pod.getSpec().getSchedulerName());
    boolean isFunction =
        placedByUs
            || labels.containsKey(Fareway.PRICE_CLASS)
            || annotations.containsKey(Fareway.PRICE_CLASS);
    if (!isFunction || PodReader.hasEnded(pod)) {
      podDeleted(meta.getNamespace(), meta.getUid());
      return;
    }
    namespaces
        .computeIfAbsent(meta.getNamespace(), _ -> new ConcurrentHashMap<>())
        .put(
            meta.getUid(),
            new FunctionInstance(
                meta.getNamespace(),
                meta.getName(),
                meta.getUid(),
                PodReader.functionOf(pod),
                Map.copyOf(labels),
                annotations.getOrDefault(Fareway.BUDGET, ""),
                annotations.getOrDefault(
                    Fareway.PRICE_CLASS, labels.getOrDefault(Fareway.PRICE_CLASS, "")),
                stage(pod),
                placedByUs));
    changed.add(meta.getNamespace());
  }

  private static Stage stage(Pod pod) {
    if (pod.getMetadata().getDeletionTimestamp() != null) {
      return Stage.LEAVING;
    }
    String node = pod.getSpec().getNodeName();
    return node == null || node.isEmpty() ? Stage.WAITING : Stage.ON_A_NODE;
  }

  @Override
  public void podDeleted(String namespace, String uid) {
    Map<String, FunctionInstance> pods = namespaces.get(namespace);
    if (pods != null) {
      pods.remove(uid);
    }
  }

  /** Namespaces in which a pod has changed since this was last asked. */
  Set<String> takeChanged() {
    var taken = new HashSet<>(changed);
    changed.removeAll(taken);
    return taken;
  }

  /** Namespaces that have, or had, function pods. */
  Set<String> namespaces() {
    return Set.copyOf(namespaces.keySet());
  }

  /** Those of a namespace. */
  List<FunctionInstance> of(String namespace) {
    return List.copyOf(namespaces.getOrDefault(namespace, Map.of()).values());
  }
}
