package dev.fareway.node.kubernetes;

import dev.fareway.crds.BudgetMark;
import dev.fareway.crds.Fareway;
import dev.fareway.node.core.BudgetCap;
import dev.fareway.node.core.FunctionPod;
import dev.fareway.node.core.PricedClass;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What the API server says of this node's function pods and of the price classes. While the API
 * server is away the last that it said stays.
 */
public final class NodeView implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(NodeView.class.getName());
  private static final String METADATA_ONLY =
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

  private final Reflector<PodObject> pods;
  private final Reflector<PriceClassObject> priceClasses;
  private final Reflector<String> namespaces;
  private final Set<String> complainedOf = new HashSet<>();

  /**
   * A view that is not yet started.
   *
   * @param changed called after every change, on threads of the view's: must not block
   */
  public NodeView(ApiClient client, String node, Runnable changed) {
    var random = new SplittableRandom();
    pods =
        new Reflector<>(
            client,
            new Reflector.Source<>(
                "pods",
                "/api/v1/pods",
                "fieldSelector=" + ApiClient.encoded("spec.nodeName=" + node),
                "",
                PodObject::read),
            changed,
            random.split());
    priceClasses =
        new Reflector<>(
            client,
            new Reflector.Source<>(
                "price classes",
                "/apis/%s/%s/priceclasses".formatted(Fareway.GROUP, Fareway.VERSION),
                "",
                "",
                PriceClassObject::read),
            changed,
            random.split());
    namespaces =
        new Reflector<>(
            client,
            new Reflector.Source<>(
                "namespaces", "/api/v1/namespaces", "", METADATA_ONLY, NamespaceObject::read),
            changed,
            random.split());
  }

  /** Starts watching, without waiting. */
  public void start() {
    all().forEach(Reflector::start);
  }

  /** Whether everything was seen once. */
  public boolean isSynced() {
    return all().stream().allMatch(Reflector::isListed);
  }

  /** The function pods on this node that have not ended, by UID. */
  public synchronized Map<String, FunctionPod> functionPods() {
    var functions = new HashMap<String, FunctionPod>();
    for (PodObject pod : pods.all()) {
      pricedClass(pod)
          .ifPresent(
              priced ->
                  functions.put(
                      pod.ref().uid(),
                      new FunctionPod(
                          pod.ref(),
                          pod.function(),
                          priced,
                          pod.containerNames(),
                          pod.livenessProbed(),
                          cap(pod.budget()))));
    }
    complainedOf.removeIf(uid -> pods.get(uid).isEmpty());
    return functions;
  }

  /** A class that is not there, or not ranked, caps nothing. */
  private BudgetCap cap(BudgetMark mark) {
    return switch (mark) {
      case BudgetMark.Free() -> BudgetCap.NONE;
      case BudgetMark.Degraded(String to) ->
          new BudgetCap(
              priceClasses.get(to).flatMap(PriceClassObject::priced), OptionalInt.empty());
      case BudgetMark.Throttled(int cpuMillis) ->
          new BudgetCap(cheapest(), OptionalInt.of(cpuMillis));
    };
  }

  private Optional<PricedClass> cheapest() {
    return priceClasses.all().stream()
        .flatMap(of -> of.priced().stream())
        .min(
            Comparator.comparingInt((PricedClass of) -> of.standing().rank())
                .thenComparing(PricedClass::name));
  }

  /** The class of this name; empty if there is none, or it is not ranked yet. */
  public Optional<PricedClass> priceClass(String name) {
    return priceClasses.get(name).flatMap(PriceClassObject::priced);
  }

  /** The highest rank of all classes; 0 if there is none. */
  public int highestRank() {
    return priceClasses.all().stream()
        .flatMap(of -> of.priced().stream())
        .mapToInt(priced -> priced.standing().rank())
        .max()
        .orElse(0);
  }

  /** Ends the watches. */
  @Override
  public void close() {
    all().forEach(Reflector::close);
  }

  /** A pod's class; empty for a pod that is no function, or whose class is not ranked. */
  private Optional<PricedClass> pricedClass(PodObject pod) {
    String named =
        pod.priceClass().isEmpty()
            ? namespaces.get(pod.ref().namespace()).orElse("")
            : pod.priceClass();
    if (named.isEmpty() && !Fareway.SCHEDULER_NAME.equals(pod.schedulerName())) {
      return Optional.empty();
    }
    Optional<PricedClass> priced =
        (named.isEmpty() ? defaultClass(priceClasses.all()) : priceClasses.get(named))
            .flatMap(PriceClassObject::priced);
    if (priced.isPresent()) {
      complainedOf.remove(pod.ref().uid());
    } else if (isSynced() && complainedOf.add(pod.ref().uid())) {
      LOG.log(
          Level.INFO,
          "Pod {0} is left alone for now: price class {1} is not there or not ranked",
          new Object[] {pod.ref(), named.isEmpty() ? "(default)" : named});
    }
    return priced;
  }

  private static Optional<PriceClassObject> defaultClass(Collection<PriceClassObject> classes) {
    return classes.stream()
        .filter(PriceClassObject::isDefault)
        .min(Comparator.comparing(PriceClassObject::created).thenComparing(PriceClassObject::name))
        .or(
            () ->
                classes.stream()
                    .filter(c -> c.priced().filter(p -> p.standing().rank() == 0).isPresent())
                    .findFirst());
  }

  private List<Reflector<?>> all() {
    return List.of(pods, priceClasses, namespaces);
  }
}
