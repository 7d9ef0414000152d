package dev.fareway.node.kubernetes;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassStatus;
import dev.fareway.crds.SwapPolicy;
import dev.fareway.node.core.ClassStanding;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.PodRef;
import dev.fareway.node.core.PricedClass;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What the API server says of this node's function pods and of the price classes. While the API
 * server is away the last that it said stays.
 */
public final class NodeView implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(NodeView.class.getName());

  private final String node;
  private final SharedIndexInformer<Pod> pods;
  private final SharedIndexInformer<PriceClass> priceClasses;
  private final SharedIndexInformer<Namespace> namespaces;
  private final Set<String> complainedOf = new HashSet<>();

  /**
   * A view that is not yet started.
   *
   * @param changed called after every change, on a thread of the client's: must not block
   */
  public NodeView(KubernetesClient client, String node, Runnable changed) {
    this.node = node;
    pods = client.pods().inAnyNamespace().withField("spec.nodeName", node).runnableInformer(0);
    priceClasses = client.resources(PriceClass.class).runnableInformer(0);
    namespaces = client.namespaces().runnableInformer(0);
    for (SharedIndexInformer<? extends HasMetadata> informer : all()) {
      addHandler(informer, changed);
      informer.exceptionHandler(
          (_, failure) -> {
            LOG.log(
                Level.WARNING,
                "Watching {0} failed, trying again; what was last known stays in force: {1}",
                new Object[] {informer.getApiTypeClass().getSimpleName(), failure.getMessage()});
            return true;
          });
    }
  }

  /** Starts watching, without waiting. */
  public void start() {
    for (var informer : all()) {
      var _ = informer.start();
    }
  }

  /** Whether everything was seen once. */
  public boolean isSynced() {
    return all().stream().allMatch(SharedIndexInformer::hasSynced);
  }

  /** The function pods on this node that have not ended, by UID. */
  public Map<String, FunctionPod> functionPods() {
    var functions = new HashMap<String, FunctionPod>();
    for (Pod pod : pods.getStore().list()) {
      if (node.equals(pod.getSpec().getNodeName()) && !hasEnded(pod)) {
        pricedClass(pod)
            .ifPresent(
                priced ->
                    functions.put(
                        pod.getMetadata().getUid(),
                        new FunctionPod(
                            new PodRef(
                                pod.getMetadata().getNamespace(),
                                pod.getMetadata().getName(),
                                pod.getMetadata().getUid()),
                            functionOf(pod),
                            priced,
                            containerNames(pod),
                            pod.getSpec().getContainers().stream()
                                .anyMatch(c -> c.getLivenessProbe() != null))));
      }
    }
    return functions;
  }

  /** Ends the watches. */
  @Override
  public void close() {
    all().forEach(SharedIndexInformer::close);
  }

  /**
   * The standing of a pod's class; empty for a pod that is no function, or whose class is not
   * ranked.
   */
  private Optional<PricedClass> pricedClass(Pod pod) {
    Optional<String> named =
        named(pod.getMetadata()).or(() -> namespaceClass(pod.getMetadata().getNamespace()));
    if (named.isEmpty() && !Fareway.SCHEDULER_NAME.equals(pod.getSpec().getSchedulerName())) {
      return Optional.empty();
    }
    List<PriceClass> classes = priceClasses.getStore().list();
    Optional<PriceClass> priceClass =
        named.isPresent()
            ? classes.stream()
                .filter(c -> c.getMetadata().getName().equals(named.get()))
                .findFirst()
            : defaultClass(classes);
    Optional<PricedClass> standing = priceClass.flatMap(NodeView::pricedClass);
    String key = pod.getMetadata().getUid();
    if (standing.isEmpty() && complainedOf.add(key)) {
      LOG.log(
          Level.INFO,
          "Pod {0}/{1} is left alone for now: price class {2} is not there or not ranked",
          new Object[] {
            pod.getMetadata().getNamespace(), pod.getMetadata().getName(), named.orElse("(default)")
          });
    } else if (standing.isPresent()) {
      complainedOf.remove(key);
    }
    return standing;
  }

  private static Optional<PricedClass> pricedClass(PriceClass priceClass) {
    PriceClassStatus status = priceClass.getStatus();
    return status == null
        ? Optional.empty()
        : standing(status)
            .map(
                standing ->
                    new PricedClass(
                        priceClass.getMetadata().getName(),
                        priceClass.getSpec().price().nanoUnitsPerCpuSecond(),
                        priceClass.getSpec().swap() != SwapPolicy.NEVER,
                        standing));
  }

  private static String functionOf(Pod pod) {
    String service =
        pod.getMetadata().getLabels() == null
            ? null
            : pod.getMetadata().getLabels().get("serving.knative.dev/service");
    return service == null ? pod.getMetadata().getName() : service;
  }

  private static Optional<ClassStanding> standing(PriceClassStatus status) {
    Integer rank = status.rank();
    Integer weight = status.cpuWeight();
    Integer priority = status.realtimePriority();
    return rank == null || weight == null
        ? Optional.empty()
        : Optional.of(
            new ClassStanding(
                rank, priority == null ? OptionalInt.empty() : OptionalInt.of(priority), weight));
  }

  private static Optional<PriceClass> defaultClass(List<PriceClass> classes) {
    return classes.stream()
        .filter(c -> c.getSpec().isDefault())
        .min(
            Comparator.comparing(
                (PriceClass c) ->
                    Objects.requireNonNullElse(c.getMetadata().getCreationTimestamp(), "")))
        .or(
            () ->
                classes.stream()
                    .filter(c -> c.getStatus() != null && Objects.equals(c.getStatus().rank(), 0))
                    .findFirst());
  }

  private Optional<String> namespaceClass(String name) {
    return Optional.ofNullable(namespaces.getStore().getByKey(name))
        .flatMap(n -> named(n.getMetadata()));
  }

  private static Optional<String> named(ObjectMeta meta) {
    return value(meta.getAnnotations()).or(() -> value(meta.getLabels()));
  }

  private static Optional<String> value(@Nullable Map<String, String> map) {
    return map == null
        ? Optional.empty()
        : Optional.ofNullable(map.get(Fareway.PRICE_CLASS)).filter(v -> !v.isEmpty());
  }

  private static boolean hasEnded(Pod pod) {
    String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    return "Succeeded".equals(phase) || "Failed".equals(phase);
  }

  private static Map<String, String> containerNames(Pod pod) {
    var names = new HashMap<String, String>();
    if (pod.getStatus() != null) {
      var statuses = new ArrayList<ContainerStatus>(pod.getStatus().getContainerStatuses());
      statuses.addAll(pod.getStatus().getInitContainerStatuses());
      for (ContainerStatus status : statuses) {
        String id = status.getContainerID();
        if (id != null) {
          names.put(id.substring(id.lastIndexOf('/') + 1), status.getName());
        }
      }
    }
    return names;
  }

  private List<SharedIndexInformer<? extends HasMetadata>> all() {
    return List.of(pods, priceClasses, namespaces);
  }

  private static <T extends HasMetadata> void addHandler(
      SharedIndexInformer<T> informer, Runnable changed) {
    informer.addEventHandler(
        new ResourceEventHandler<T>() {
          @Override
          public void onAdd(T now) {
            changed.run();
          }

          @Override
          public void onUpdate(T before, T now) {
            changed.run();
          }

          @Override
          public void onDelete(T last, boolean unknownFinalState) {
            changed.run();
          }
        });
  }
}
