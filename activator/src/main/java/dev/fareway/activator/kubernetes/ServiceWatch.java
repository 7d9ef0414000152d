package dev.fareway.activator.kubernetes;

import dev.fareway.activator.backends.Backends;
import dev.fareway.crds.Fareway;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Watches functions without Knative: every Service that has a pod labelled with a price class. The
 * pods' annotations say the rest.
 */
public final class ServiceWatch implements AutoCloseable {
  private static final long PAGE = 500;

  private final KubernetesClient client;
  private final ServiceFunctions functions;
  private final Executor loop;
  private final List<SharedIndexInformer<?>> informers = new ArrayList<>();

  /**
   * A watch that is not started yet.
   *
   * @param loop runs what it is given on the proxy's event loop, in order
   */
  public ServiceWatch(KubernetesClient client, Backends backends, Executor loop) {
    this.client = client;
    this.functions = new ServiceFunctions(backends);
    this.loop = loop;
  }

  /** Starts watching; done once all has been listed. */
  public CompletableFuture<Void> start() {
    informers.add(
        client
            .pods()
            .inAnyNamespace()
            .withLabel(Fareway.PRICE_CLASS)
            .withLimit(PAGE)
            .runnableInformer(0)
            .itemStore(new LeanStore<>(Pod::new))
            .addEventHandler(
                new EventHandler<>(
                    pod -> loop.execute(() -> functions.pod(pod)),
                    pod -> loop.execute(() -> functions.podGone(pod)))));
    informers.add(
        client
            .resources(EndpointSlice.class)
            .inAnyNamespace()
            .withLimit(PAGE)
            .runnableInformer(0)
            .itemStore(new LeanStore<>(EndpointSlice::new))
            .addEventHandler(
                new EventHandler<>(
                    slice -> loop.execute(() -> functions.slice(slice)),
                    slice -> loop.execute(() -> functions.sliceGone(slice)))));
    return CompletableFuture.allOf(
        informers.stream()
            .map(informer -> informer.start().toCompletableFuture())
            .toArray(CompletableFuture[]::new));
  }

  @Override
  public void close() {
    informers.forEach(SharedIndexInformer::stop);
  }
}
