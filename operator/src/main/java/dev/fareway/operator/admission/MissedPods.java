package dev.fareway.operator.admission;

import dev.fareway.operator.OperatorConfig;
import dev.fareway.operator.shard.PodObserver;
import dev.fareway.scheduler.kubernetes.PodReader;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pods that may have missed admission, told of by the watch that placement has anyhow. At most
 * {@value #LIMIT} are kept; more come in as the watch tells of them again. Thread-safe.
 */
@ApplicationScoped
public class MissedPods implements PodObserver {
  private static final int LIMIT = 10_000;

  private final Webhook webhook;
  private final Set<String> exempt;
  private final Map<String, Ref> missed = new LinkedHashMap<>();

  /** A pod, by its name; another pod may have it by now. */
  record Ref(String uid, String namespace, String name) {}

  MissedPods(OperatorConfig config, Webhook webhook) {
    this.webhook = webhook;
    this.exempt = Set.copyOf(config.webhook().exemptNamespaces());
  }

  @Override
  public void podChanged(Pod pod) {
    ObjectMeta meta = pod.getMetadata();
    boolean may =
        webhook.isConfigured()
            && !exempt.contains(meta.getNamespace())
            && !PodReader.hasEnded(pod)
            && Repair.mayBeNeeded(meta, webhook.namespaceNamesClass(meta.getNamespace()));
    synchronized (missed) {
      if (!may) {
        missed.remove(meta.getUid());
      } else if (missed.size() < LIMIT) {
        missed.put(meta.getUid(), new Ref(meta.getUid(), meta.getNamespace(), meta.getName()));
      }
    }
  }

  @Override
  public void podDeleted(String namespace, String uid) {
    forget(uid);
  }

  /** Some that were told of first. */
  List<Ref> first(int most) {
    synchronized (missed) {
      return missed.values().stream().limit(most).toList();
    }
  }

  /** Whatever could be done for it is done, until the watch tells of it again. */
  void forget(String uid) {
    synchronized (missed) {
      missed.remove(uid);
    }
  }
}
