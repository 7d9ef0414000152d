package dev.fareway.e2e.bench;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassSpec;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Fake nodes and pods on an API server, and when the pods were created and bound. */
final class BenchCluster implements AutoCloseable {
  static final String DEAR = "bench-dear";
  static final String STANDARD = "bench-standard";
  static final String CHEAP = "bench-cheap";
  private static final String LABEL = "fareway.dev/bench";
  private static final String NAMESPACE = "fareway-bench";
  private static final String SETTINGS = "fareway-scheduler";
  private static final int CREATORS = 16;
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  /** When a pod was created, by the clock of this process, and seen bound. */
  record Bound(long createdNanos, long boundNanos) {
    long latencyNanos() {
      return boundNanos - createdNanos;
    }
  }

  private final KubernetesClient client;
  private final String operatorNamespace;
  private final ExecutorService creators = Executors.newFixedThreadPool(CREATORS);
  private final Map<String, Long> created = new ConcurrentHashMap<>();
  private final Map<String, Bound> bound = new ConcurrentHashMap<>();
  private final List<String> nodes = new ArrayList<>();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
  private volatile boolean closed;
  private Watch watch;

  BenchCluster(KubernetesClient client, String operatorNamespace) {
    this.client = client;
    this.operatorNamespace = operatorNamespace;
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(NAMESPACE).endMetadata().build())
        .createOr(existing -> existing.update());
    watch = watch();
  }

  void makeNodes(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      nodes.add("fareway-bench-%05d".formatted(i));
    }
    each(nodes, this::makeNode);
  }

  private void makeNode(String name) {
    Node node =
        new NodeBuilder()
            .withNewMetadata()
            .withName(name)
            .addToLabels(LABEL, "true")
            .addToLabels("kubernetes.io/hostname", name)
            .endMetadata()
            .withNewSpec()
            .endSpec()
            .build();
    client.resource(node).create();
    client
        .nodes()
        .withName(name)
        .editStatus(
            now ->
                new NodeBuilder(now)
                    .editOrNewStatus()
                    .addToAllocatable("cpu", new Quantity("32"))
                    .addToAllocatable("memory", new Quantity("128Gi"))
                    .addToAllocatable("pods", new Quantity("500"))
                    .addToCapacity("cpu", new Quantity("32"))
                    .addToCapacity("memory", new Quantity("128Gi"))
                    .addToCapacity("pods", new Quantity("500"))
                    .addNewCondition()
                    .withType("Ready")
                    .withStatus("True")
                    .endCondition()
                    .endStatus()
                    .build());
    // A node that has just joined is tainted until a controller has seen it: there is none.
    client
        .nodes()
        .withName(name)
        .edit(now -> new NodeBuilder(now).editSpec().withTaints(List.of()).endSpec().build());
  }

  void makeClasses() {
    Map.of(DEAR, "997n", STANDARD, "499n", CHEAP, "251n")
        .forEach(
            (name, price) -> {
              var priceClass = new PriceClass();
              var meta = new ObjectMeta();
              meta.setName(name);
              priceClass.setMetadata(meta);
              priceClass.setSpec(PriceClassSpec.ofPrice(price));
              client.resource(priceClass).createOr(existing -> existing.update());
            });
  }

  /** Has Fareway place nothing for now, or go on. */
  void pause(boolean paused) throws InterruptedException {
    var settings = client.configMaps().inNamespace(operatorNamespace).withName(SETTINGS);
    if (settings.get() == null) {
      client
          .resource(
              new ConfigMapBuilder()
                  .withNewMetadata()
                  .withName(SETTINGS)
                  .withNamespace(operatorNamespace)
                  .addToLabels(LABEL, "true")
                  .endMetadata()
                  .addToData("paused", String.valueOf(paused))
                  .build())
          .create();
    } else {
      settings.edit(
          now -> new ConfigMapBuilder(now).addToData("paused", String.valueOf(paused)).build());
    }
    if (paused) {
      // Replicas look every few seconds.
      TimeUnit.SECONDS.sleep(5);
    }
  }

  /** Creates pods as fast as it goes; their names. */
  List<String> create(int count, String scheduler, String priceClass) throws InterruptedException {
    var names = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      names.add("pod-" + next.getAndIncrement());
    }
    each(names, name -> create(pod(name, scheduler, priceClass, Map.of())));
    return names;
  }

  /** Creates pods that ask for more than any node has. */
  void createThatFitNowhere(int count) throws InterruptedException {
    var names = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      names.add("big-" + next.getAndIncrement());
    }
    each(
        names,
        name ->
            create(pod(name, Fareway.SCHEDULER_NAME, CHEAP, Map.of("cpu", new Quantity("64")))));
  }

  /** Pods at a steady rate, whatever becomes of them; what became of them. */
  List<Bound> steady(int rate, int seconds, String scheduler, String priceClass)
      throws InterruptedException {
    var names = new ArrayList<String>();
    long start = System.nanoTime();
    for (int i = 0; i < rate * seconds; i++) {
      long due = start + i * 1_000_000_000L / rate;
      while (System.nanoTime() - due < 0) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      String name = "pod-" + next.getAndIncrement();
      names.add(name);
      creators.execute(
          () -> attempt(() -> create(pod(name, scheduler, priceClass, Map.of())), failure));
    }
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!bound.keySet().containsAll(names)) {
      await(end, bound.size(), names.size());
    }
    return names.stream().map(bound::get).toList();
  }

  private void create(Pod pod) {
    created.put(pod.getMetadata().getName(), System.nanoTime());
    client.resource(pod).create();
  }

  private static Pod pod(
      String name, String scheduler, String priceClass, Map<String, Quantity> requests) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(NAMESPACE)
        .addToAnnotations(Fareway.PRICE_CLASS, priceClass)
        .endMetadata()
        .withNewSpec()
        .withSchedulerName(scheduler)
        .addNewContainer()
        .withName("c")
        .withImage("none")
        .withNewResources()
        .withRequests(requests)
        .endResources()
        .endContainer()
        .endSpec()
        .build();
  }

  /** Posts a binding for each, so many at once, each to the next node. */
  void bindAll(List<String> names, int inFlight) throws InterruptedException {
    HttpClient http = client.getHttpClient();
    URI server = URI.create(client.getMasterUrl().toString());
    var permits = new Semaphore(inFlight);
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      var binding =
          new BindingBuilder()
              .withNewMetadata()
              .withNamespace(NAMESPACE)
              .withName(name)
              .endMetadata()
              .withNewTarget()
              .withApiVersion("v1")
              .withKind("Node")
              .withName(nodes.get(i % nodes.size()))
              .endTarget()
              .build();
      permits.acquire();
      var request =
          http.newHttpRequestBuilder()
              .uri(
                  server.resolve(
                      "/api/v1/namespaces/%s/pods/%s/binding".formatted(NAMESPACE, name)))
              .post("application/json", Serialization.asJson(binding))
              .build();
      var _ = http.sendAsync(request, String.class).whenComplete((_, _) -> permits.release());
    }
    permits.acquire(inFlight);
  }

  /** Waits until so many pods of this round are bound. */
  List<Bound> awaitBound(int count) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (bound.size() < count) {
      await(end, bound.size(), count);
    }
    return List.copyOf(bound.values());
  }

  private void await(long end, int have, int want) throws InterruptedException {
    rethrow(failure.getAndSet(null));
    if (System.nanoTime() - end > 0) {
      throw new IllegalStateException(
          "%d of %d pods have a node after %s: does the scheduler run?"
              .formatted(have, want, PATIENCE));
    }
    TimeUnit.MILLISECONDS.sleep(20);
  }

  /** Takes all pods away, so that the next measurement begins with empty nodes. */
  void removePods() throws InterruptedException {
    each(List.copyOf(created.keySet()), this::delete);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!client
        .pods()
        .inNamespace(NAMESPACE)
        .list(new ListOptionsBuilder().withLimit(1L).build())
        .getItems()
        .isEmpty()) {
      await(end, 0, 0);
    }
    created.clear();
    bound.clear();
    // Who watches has seen it, too.
    TimeUnit.SECONDS.sleep(2);
  }

  private void delete(String pod) {
    client.pods().inNamespace(NAMESPACE).withName(pod).withGracePeriod(0).delete();
  }

  private Watch watch() {
    return client
        .pods()
        .inNamespace(NAMESPACE)
        .watch(
            new Watcher<>() {
              @Override
              public void eventReceived(Action action, Pod pod) {
                String node = pod.getSpec().getNodeName();
                if (node != null && !node.isEmpty()) {
                  String name = pod.getMetadata().getName();
                  Long since = created.get(name);
                  if (since != null) {
                    bound.putIfAbsent(name, new Bound(since, System.nanoTime()));
                  }
                }
              }

              @Override
              public void onClose(WatcherException cause) {
                // Bound to happen in a long run; what was bound meanwhile is told at once. Who was
                // interrupted has no client any more to watch with.
                if (!closed && !client.getHttpClient().isClosed()) {
                  watch = watch();
                }
              }
            });
  }

  private interface Step {
    void on(String name);
  }

  private void each(List<String> names, Step step) throws InterruptedException {
    var first = new AtomicReference<@Nullable RuntimeException>();
    var done = new Semaphore(0);
    for (String name : names) {
      creators.execute(
          () -> {
            try {
              attempt(() -> step.on(name), first);
            } finally {
              done.release();
            }
          });
    }
    done.acquire(names.size());
    rethrow(first.get());
  }

  /** Of thousands that fail for one reason, such as a client that is closed, one says so. */
  private static void attempt(
      Runnable step, AtomicReference<@Nullable RuntimeException> firstFailure) {
    try {
      step.run();
    } catch (RuntimeException e) {
      firstFailure.compareAndSet(null, e);
    }
  }

  private static void rethrow(@Nullable RuntimeException failure) {
    if (failure != null) {
      throw failure;
    }
  }

  /** What was made here is left to end with its API server. */
  void forget() {
    created.clear();
    nodes.clear();
  }

  /** Removes all that was made here. */
  @Override
  public void close() {
    closed = true;
    watch.close();
    if (client.getHttpClient().isClosed()) {
      // Interrupted: the API server ends with this process, and all that was made with it.
      creators.shutdownNow();
      return;
    }
    try {
      // One by one: a collection of thousands takes longer than a request may.
      each(List.copyOf(created.keySet()), this::delete);
      each(nodes, name -> client.nodes().withName(name).delete());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    creators.shutdownNow();
    for (String name : List.of(DEAR, STANDARD, CHEAP)) {
      client.resources(PriceClass.class).withName(name).delete();
    }
    client.configMaps().inNamespace(operatorNamespace).withLabel(LABEL).delete();
    client.namespaces().withName(NAMESPACE).delete();
  }
}
