package dev.fareway.operator.budget;

import dev.fareway.crds.Fareway;
import dev.fareway.operator.shard.PodObserver;
import dev.fareway.scheduler.kubernetes.PodReader;
import io.fabric8.kubernetes.api.model.Pod;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The function pods that there are, by what budgets need of them. Budgets ask by {@linkplain Kind
 * kind}, since a function's pods are mostly alike: a namespace of thousands of pods has some dozens
 * of kinds. Thread-safe: all under the lock of the object.
 */
@ApplicationScoped
public class BudgetPods implements PodObserver {
  private final Map<String, Namespace> namespaces = new HashMap<>();

  /** Namespaces in which a pod has changed since they were last asked for. */
  private final Set<String> changed = new HashSet<>();

  private static final class Namespace {
    final Map<String, FunctionInstance> pods = new HashMap<>();
    final Map<Kind, Pods> kinds = new HashMap<>();
  }

  /** The one object that all pods of a kind share, and how many they are. */
  private static final class Pods {
    final Kind kind;
    int count;

    Pods(Kind kind) {
      this.kind = kind;
    }
  }

  /**
   * What pods of a namespace are alike in for its budgets.
   *
   * @param priceClass the class that they name; empty: none
   */
  record Kind(String function, Map<String, String> labels, String priceClass) {
    Kind {
      labels = Map.copyOf(labels);
    }
  }

  /**
   * A pod.
   *
   * @param mark what its annotation says of its budgets; empty: nothing
   * @param stage how far it is
   * @param placedByUs whether its successor would wait for our placing
   */
  record FunctionInstance(
      String namespace,
      String name,
      String uid,
      Kind kind,
      String mark,
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
  public synchronized void podChanged(Pod pod) {
    var meta = pod.getMetadata();
    Map<String, String> labels = Objects.requireNonNullElse(meta.getLabels(), Map.of());
    Map<String, String> annotations = Objects.requireNonNullElse(meta.getAnnotations(), Map.of());
    boolean placedByUs = Fareway.SCHEDULER_NAME.equals(pod.getSpec().getSchedulerName());
    boolean isFunction =
        placedByUs
            || labels.containsKey(Fareway.PRICE_CLASS)
            || annotations.containsKey(Fareway.PRICE_CLASS);
    podDeleted(meta.getNamespace(), meta.getUid());
    if (!isFunction || PodReader.hasEnded(pod)) {
      return;
    }
    var kind =
        new Kind(
            PodReader.functionOf(pod),
            labels,
            annotations.getOrDefault(
                Fareway.PRICE_CLASS, labels.getOrDefault(Fareway.PRICE_CLASS, "")));
    Namespace namespace = namespaces.computeIfAbsent(meta.getNamespace(), _ -> new Namespace());
    Pods alike = namespace.kinds.computeIfAbsent(kind, Pods::new);
    alike.count++;
    namespace.pods.put(
        meta.getUid(),
        new FunctionInstance(
            meta.getNamespace(),
            meta.getName(),
            meta.getUid(),
            alike.kind,
            annotations.getOrDefault(Fareway.BUDGET, ""),
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
  public synchronized void podDeleted(String name, String uid) {
    Namespace namespace = namespaces.get(name);
    FunctionInstance gone = namespace == null ? null : namespace.pods.remove(uid);
    if (namespace == null || gone == null) {
      return;
    }
    Pods alike = Objects.requireNonNull(namespace.kinds.get(gone.kind));
    if (--alike.count == 0) {
      namespace.kinds.remove(gone.kind);
    }
    if (namespace.pods.isEmpty()) {
      namespaces.remove(name);
    }
  }

  /** Namespaces in which a pod has changed since this was last asked. */
  synchronized Set<String> takeChanged() {
    var taken = Set.copyOf(changed);
    changed.clear();
    return taken;
  }

  /** Namespaces that have function pods. */
  synchronized Set<String> namespaces() {
    return Set.copyOf(namespaces.keySet());
  }

  /** Those of a namespace. */
  synchronized List<FunctionInstance> of(String name) {
    Namespace namespace = namespaces.get(name);
    return namespace == null ? List.of() : List.copyOf(namespace.pods.values());
  }

  /** The kinds of those of a namespace. */
  synchronized List<Kind> kinds(String name) {
    Namespace namespace = namespaces.get(name);
    return namespace == null ? List.of() : List.copyOf(namespace.kinds.keySet());
  }
}
