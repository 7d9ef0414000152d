package dev.fareway.operator.dispatcher;

import dev.fareway.crds.Fareway;
import dev.fareway.operator.shard.PodObserver;
import dev.fareway.scheduler.kubernetes.PodReader;
import io.fabric8.kubernetes.api.model.Pod;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** On which node each function pod runs: no other pod is raised for an activator. Thread-safe. */
@ApplicationScoped
public class FunctionPods implements PodObserver {
  private final Map<String, String> nodeByUid = new ConcurrentHashMap<>();

  /** One text for each node, not one for each pod. */
  private final Map<String, String> nodes = new ConcurrentHashMap<>();

  /** None yet. */
  public FunctionPods() {}

  @Override
  public void podChanged(Pod pod) {
    String node = pod.getSpec().getNodeName();
    String uid = pod.getMetadata().getUid();
    if (node == null || node.isEmpty() || PodReader.hasEnded(pod) || !isFunction(pod)) {
      nodeByUid.remove(uid);
      return;
    }
    String before = nodes.putIfAbsent(node, node);
    nodeByUid.put(uid, before == null ? node : before);
  }

  @Override
  public void podDeleted(String namespace, String uid) {
    nodeByUid.remove(uid);
  }

  /** The node of a function pod that has one and has not ended. */
  Optional<String> nodeOf(String uid) {
    return Optional.ofNullable(nodeByUid.get(uid));
  }

  private static boolean isFunction(Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    Map<String, String> annotations = pod.getMetadata().getAnnotations();
    return Fareway.SCHEDULER_NAME.equals(pod.getSpec().getSchedulerName())
        || (labels != null && labels.containsKey(Fareway.PRICE_CLASS))
        || (annotations != null && annotations.containsKey(Fareway.PRICE_CLASS));
  }
}
