package dev.fareway.operator.shard;

import dev.fareway.crds.PriceClass;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.impl.BaseClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.impl.DefaultSharedIndexInformer;
import java.util.List;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/**
 * Watches what placement depends on and tells the host. Lists anew by itself when a watch breaks.
 */
final class ClusterWatch implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(ClusterWatch.class);

  /** Objects a page when listing: no more are held whole at once. */
  private static final long PAGE = 500;

  private final SharedIndexInformer<PriceClass> priceClasses;
  private final SharedIndexInformer<Namespace> namespaces;
  private final SharedIndexInformer<Node> nodes;
  private final SharedIndexInformer<Pod> pods;

  ClusterWatch(KubernetesClient client, ShardHost host) {
    priceClasses = client.resources(PriceClass.class).runnableInformer(0);
    priceClasses.addEventHandler(
        new Changes<>(
            host::priceClassChanged, gone -> host.priceClassDeleted(gone.getMetadata().getName())));
    namespaces =
        client.namespaces().runnableInformer(0).itemStore(new TrimmingStore<>(Namespace::new));
    namespaces.addEventHandler(
        new Changes<>(
            host::namespaceChanged, gone -> host.namespaceDeleted(gone.getMetadata().getName())));
    nodes =
        client
            .nodes()
            .withLimit(PAGE)
            .runnableInformer(0)
            .itemStore(new TrimmingStore<>(Node::new));
    nodes.addEventHandler(
        new Changes<>(host::nodeChanged, gone -> host.nodeDeleted(gone.getMetadata().getName())));
    // The client's own executor, as for the others; it ends with the client.
    Executor executor = client.adapt(BaseClient.class).getExecutor();
    pods =
        new DefaultSharedIndexInformer<>(
            Pod.class, new PodPages(client, executor, PAGE), 0, executor);
    pods.itemStore(new TrimmingStore<>(Pod::new));
    pods.addEventHandler(
        new Changes<>(
            host::podChanged,
            gone ->
                host.podDeleted(gone.getMetadata().getNamespace(), gone.getMetadata().getUid())));
  }

  /** Classes, namespaces and nodes come before pods: a pod is judged by them. */
  void start() {
    for (SharedIndexInformer<?> informer : all()) {
      informer.exceptionHandler(
          (started, failure) -> {
            LOG.warnf(
                "Watching %s failed, trying again: %s",
                informer.getApiTypeClass().getSimpleName(), failure.getMessage());
            return true;
          });
      var _ = informer.start();
    }
  }

  boolean isSynced() {
    return all().stream().allMatch(SharedIndexInformer::hasSynced);
  }

  @Override
  public void close() {
    all().forEach(SharedIndexInformer::close);
  }

  private List<SharedIndexInformer<?>> all() {
    return List.of(priceClasses, namespaces, nodes, pods);
  }
}
