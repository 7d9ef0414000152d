package dev.fareway.operator.budget;

import dev.fareway.crds.Fareway;
import dev.fareway.operator.shard.PodObserver;
import dev.fareway.scheduler.kubernetes.PodReader;
import io.fabric8.kubernetes.api.model.Pod;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** The function pods that there are, by what budgets need of them. Thread-safe. */
@ApplicationScoped
public class BudgetPods implements PodObserver {
  private final Map<String, Map<String, FunctionInstance>> namespaces = new ConcurrentHashMap<>();

  /**
   * A pod.
   *
   * @param ruling what its annotation says of its budgets; empty: nothing
   * @param priceClass the class that it names; empty: none
   */
  record FunctionInstance(
      String name,
      String uid,
      String function,
      Map<String, String> labels,
      String ruling,
      String priceClass) {}

  /** None yet. */
  public BudgetPods() {}

  @Override
  public void podChanged(Pod pod) {
    var meta = pod.getMetadata();
    Map<String, String> labels = Objects.requireNonNullElse(meta.getLabels(), Map.of());
    Map<String, String> annotations = Objects.requireNonNullElse(meta.getAnnotations(), Map.of());
    boolean isFunction =
        Fareway.SCHEDULER_NAME.equals(pod.getSpec().getSchedulerName())
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
                meta.getName(),
                meta.getUid(),
                PodReader.functionOf(pod),
                Map.copyOf(labels),
                annotations.getOrDefault(Fareway.BUDGET, ""),
                annotations.getOrDefault(
                    Fareway.PRICE_CLASS, labels.getOrDefault(Fareway.PRICE_CLASS, ""))));
  }

  @Override
  public void podDeleted(String namespace, String uid) {
    Map<String, FunctionInstance> pods = namespaces.get(namespace);
    if (pods != null) {
      pods.remove(uid);
    }
  }

  /** Those of a namespace. */
  List<FunctionInstance> of(String namespace) {
    return List.copyOf(namespaces.getOrDefault(namespace, Map.of()).values());
  }
}
