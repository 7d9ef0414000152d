package dev.fareway.activator.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches one ConfigMap of Knative's. */
public final class ConfigWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigWatch.class);

  private final SharedIndexInformer<ConfigMap> informer;

  /**
   * A watch that is not started yet.
   *
   * @param data is told, on any thread, what the ConfigMap says, and each change
   */
  public ConfigWatch(
      KubernetesClient client, String namespace, String name, Consumer<Map<String, String>> data) {
    var isTold = new AtomicBoolean();
    informer =
        client
            .configMaps()
            .inNamespace(namespace)
            .withName(name)
            .runnableInformer(0)
            // Where it may not be read, that is said once, and it is tried again.
            .exceptionHandler(
                (_, failure) -> {
                  if (isTold.compareAndSet(false, true)) {
                    LOG.error(
                        "ConfigMap {} in {} can't be read (the activator must be allowed to list and watch it): {}",
                        name,
                        namespace,
                        failure.getMessage());
                  }
                  return true;
                })
            .itemStore(new LeanStore<>(ConfigMap::new))
            .addEventHandler(
                new EventHandler<>(
                    map -> data.accept(Annotations.orEmpty(map.getData())),
                    _ ->
                        LOG.warn(
                            "ConfigMap {} in {} was deleted: what it said last holds",
                            name,
                            namespace)));
  }

  /** Starts watching; done once it was read, or is known not to be there. */
  public CompletableFuture<Void> start() {
    return informer.start().toCompletableFuture();
  }

  @Override
  public void close() {
    informer.stop();
  }
}
