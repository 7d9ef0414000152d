package dev.fareway.activator.kubernetes;

import dev.fareway.activator.backends.Backends;
import dev.fareway.activator.backends.Candidate;
import dev.fareway.activator.core.FunctionSettings;
import dev.fareway.activator.core.RevisionKey;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Watches what Knative Serving says of functions: Revisions, the endpoints of their private
 * Services (their pods), those of their public Services (the activators that serve them), and the
 * private Services themselves.
 */
public final class KnativeWatch implements AutoCloseable {
  private static final long PAGE = 500;

  private final KubernetesClient client;
  private final Backends backends;
  private final Executor loop;
  private final String ownAddress;
  private final List<SharedIndexInformer<?>> informers = new ArrayList<>();

  /**
   * A watch that is not started yet.
   *
   * @param loop runs what it is given on the proxy's event loop, in order
   * @param ownAddress this activator's IP address, to find itself among the activators
   */
  public KnativeWatch(
      KubernetesClient client, Backends backends, Executor loop, String ownAddress) {
    this.client = client;
    this.backends = backends;
    this.loop = loop;
    this.ownAddress = ownAddress;
  }

  /** Starts watching; done once all has been listed. */
  public CompletableFuture<Void> start() {
    informers.add(
        client
            .resources(Revision.class)
            .inAnyNamespace()
            .withLimit(PAGE)
            .runnableInformer(0)
            .itemStore(new LeanStore<>(Revision::new))
            .addEventHandler(new EventHandler<>(this::revision, this::revisionGone)));
    informers.add(
        client
            .endpoints()
            .inAnyNamespace()
            .withLabel(KnativeReader.SERVICE_TYPE, "Private")
            .withLimit(PAGE)
            .runnableInformer(0)
            .itemStore(new LeanStore<>(Endpoints::new))
            .addEventHandler(new EventHandler<>(this::pods, this::podsGone)));
    informers.add(
        client
            .endpoints()
            .inAnyNamespace()
            .withLabel(KnativeReader.SERVICE_TYPE, "Public")
            .withLimit(PAGE)
            .runnableInformer(0)
            .itemStore(new LeanStore<>(Endpoints::new))
            .addEventHandler(new EventHandler<>(this::activators, gone -> {})));
    informers.add(
        client
            .services()
            .inAnyNamespace()
            .withLabel(KnativeReader.SERVICE_TYPE, "Private")
            .withLimit(PAGE)
            .runnableInformer(0)
            .itemStore(new LeanStore<>(Service::new))
            .addEventHandler(new EventHandler<>(this::service, gone -> {})));
    return CompletableFuture.allOf(
        informers.stream()
            .map(informer -> informer.start().toCompletableFuture())
            .toArray(CompletableFuture[]::new));
  }

  @Override
  public void close() {
    informers.forEach(SharedIndexInformer::stop);
  }

  private void revision(Revision revision) {
    FunctionSettings settings = KnativeReader.settings(revision);
    loop.execute(() -> backends.function(settings));
  }

  private void revisionGone(Revision revision) {
    RevisionKey key = KnativeReader.keyOf(revision);
    loop.execute(() -> backends.functionGone(key));
  }

  private void pods(Endpoints endpoints) {
    Optional<RevisionKey> key = KnativeReader.revisionOf(endpoints);
    if (key.isPresent()) {
      List<Candidate> candidates = KnativeReader.candidates(endpoints);
      loop.execute(() -> backends.pods(key.get(), candidates));
    }
  }

  /** What is left of a deleted object is its name: a private Service's is its revision's. */
  private void podsGone(Endpoints endpoints) {
    String name = endpoints.getMetadata().getName();
    RevisionKey key =
        KnativeReader.revisionOf(endpoints)
            .orElseGet(
                () ->
                    new RevisionKey(
                        endpoints.getMetadata().getNamespace(), withoutSuffix(name, "-private")));
    loop.execute(() -> backends.pods(key, List.of()));
  }

  private void activators(Endpoints endpoints) {
    Optional<RevisionKey> key = KnativeReader.revisionOf(endpoints);
    if (key.isPresent()) {
      List<String> all = KnativeReader.activators(endpoints);
      int self = all.indexOf(ownAddress);
      // Where it isn't among them the endpoints are the pods themselves.
      loop.execute(() -> backends.activators(key.get(), self, self < 0 ? 1 : all.size()));
    }
  }

  private void service(Service service) {
    Optional<RevisionKey> key = KnativeReader.revisionOf(service);
    if (key.isPresent()) {
      Optional<Candidate> address = KnativeReader.address(service);
      loop.execute(() -> backends.service(key.get(), address));
    }
  }

  private static String withoutSuffix(String name, String suffix) {
    return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
  }
}
