package dev.fareway.operator.admission;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.operator.priceclass.PriceClassRanking;
import dev.fareway.scheduler.core.PricedClass;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What admission judges by, watched, so that no pod's creation waits for a question of ours. */
final class AdmissionCache implements PricedCluster, AutoCloseable {
  private final SharedIndexInformer<PriceClass> priceClasses;
  private final SharedIndexInformer<PriorityClass> priorityClasses;
  private final SharedIndexInformer<Namespace> namespaces;
  private volatile Classes classes = new Classes(List.of(), Optional.empty());
  private volatile Priorities priorities = new Priorities(Set.of(), Optional.empty());

  private record Classes(List<PricedClass> all, Optional<String> defaultClass) {}

  private record Priorities(Set<String> ours, Optional<String> globalDefault) {}

  AdmissionCache(KubernetesClient client) {
    priceClasses = client.resources(PriceClass.class).runnableInformer(0);
    priceClasses.addEventHandler(new OnChange<>(this::onPriceClasses));
    priorityClasses = client.scheduling().v1().priorityClasses().runnableInformer(0);
    priorityClasses.addEventHandler(new OnChange<>(this::onPriorityClasses));
    namespaces = client.namespaces().runnableInformer(0);
  }

  void start() {
    for (SharedIndexInformer<?> informer : all()) {
      informer.exceptionHandler((_, _) -> true);
      var _ = informer.start();
    }
  }

  boolean isSynced() {
    return all().stream().allMatch(SharedIndexInformer::hasSynced);
  }

  private List<SharedIndexInformer<?>> all() {
    return List.of(priceClasses, priorityClasses, namespaces);
  }

  private void onPriceClasses() {
    List<PriceClass> now = priceClasses.getStore().list();
    var verdicts = PriceClassRanking.rank(now);
    Optional<String> defaultClass =
        verdicts.entrySet().stream()
            .filter(entry -> entry.getValue().standing().map(s -> s.isDefault()).orElse(false))
            .map(entry -> entry.getKey())
            .findFirst();
    List<PricedClass> ranked =
        now.stream()
            .filter(
                priceClass ->
                    Objects.requireNonNull(verdicts.get(priceClass.getMetadata().getName()))
                        .standing()
                        .isPresent())
            .map(
                priceClass ->
                    new PricedClass(
                        priceClass.getMetadata().getName(),
                        priceClass.getSpec().price().nanoUnitsPerCpuSecond()))
            .toList();
    classes = new Classes(ranked, defaultClass);
  }

  private void onPriorityClasses() {
    List<PriorityClass> now = priorityClasses.getStore().list();
    priorities =
        new Priorities(
            now.stream()
                .map(PriorityClass::getMetadata)
                .filter(
                    meta ->
                        meta.getLabels() != null
                            && meta.getLabels().containsKey(Fareway.PRICE_CLASS))
                .map(ObjectMeta::getName)
                .collect(Collectors.toUnmodifiableSet()),
            now.stream()
                .filter(priority -> Boolean.TRUE.equals(priority.getGlobalDefault()))
                .map(priority -> priority.getMetadata().getName())
                .findFirst());
  }

  @Override
  public Collection<PricedClass> classes() {
    return classes.all();
  }

  @Override
  public Optional<String> defaultClass() {
    return classes.defaultClass();
  }

  @Override
  public Optional<ObjectMeta> namespace(String name) {
    return Optional.ofNullable(namespaces.getStore().getByKey(name)).map(Namespace::getMetadata);
  }

  @Override
  public Set<String> priorityClasses() {
    return priorities.ours();
  }

  @Override
  public Optional<String> defaultPriorityClass() {
    return priorities.globalDefault();
  }

  @Override
  public void close() {
    all().forEach(SharedIndexInformer::close);
  }

  private record OnChange<T>(Runnable action) implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T now) {
      action.run();
    }

    @Override
    public void onUpdate(T before, T now) {
      action.run();
    }

    @Override
    public void onDelete(T last, boolean unknownFinalState) {
      action.run();
    }
  }
}
