package dev.fareway.operator.usage;

import dev.fareway.crds.NodeUsage;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Watches the nodes' usage and keeps the index up to date. */
@ApplicationScoped
public class UsageWatch {
  private static final Logger LOG = Logger.getLogger(UsageWatch.class);
  private static final long PAGE = 500;

  private final KubernetesClient client;
  private final UsageIndex index;
  private final List<UsageObserver> observers;
  private volatile @Nullable SharedIndexInformer<NodeUsage> informer;

  UsageWatch(KubernetesClient client, UsageIndex index, @All List<UsageObserver> observers) {
    this.client = client;
    this.index = index;
    this.observers = List.copyOf(observers);
  }

  /** Starts, without waiting. */
  public void start() {
    SharedIndexInformer<NodeUsage> started =
        client.resources(NodeUsage.class).withLimit(PAGE).runnableInformer(0);
    started.addEventHandler(
        new ResourceEventHandler<>() {
          @Override
          public void onAdd(NodeUsage now) {
            changed(null, now);
          }

          @Override
          public void onUpdate(NodeUsage before, NodeUsage now) {
            changed(before, now);
          }

          @Override
          public void onDelete(NodeUsage before, boolean unknown) {
            changed(before, null);
          }
        });
    started.exceptionHandler(
        (isStarted, failure) -> {
          LOG.warnf("Watching NodeUsage failed, trying again: %s", failure.getMessage());
          return true;
        });
    informer = started;
    var _ = started.start();
  }

  private void changed(@Nullable NodeUsage before, @Nullable NodeUsage now) {
    index.changed(before, now);
    observers.forEach(observer -> observer.usageChanged(before, now));
  }

  /** Ends. */
  public void stop() {
    SharedIndexInformer<NodeUsage> current = informer;
    if (current != null) {
      current.close();
    }
  }

  /** Whether everything was seen once. */
  public boolean isSynced() {
    SharedIndexInformer<NodeUsage> current = informer;
    return current != null && current.hasSynced();
  }

  /** All objects, as they were told of last. */
  public List<NodeUsage> all() {
    SharedIndexInformer<NodeUsage> current = informer;
    return current == null ? List.of() : current.getStore().list();
  }
}
