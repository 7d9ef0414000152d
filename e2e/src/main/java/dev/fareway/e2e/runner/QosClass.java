package dev.fareway.e2e.runner;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A pod's quality of service, as Kubernetes derives it from requests and limits. */
enum QosClass {
  GUARANTEED("Guaranteed"),
  BURSTABLE("Burstable"),
  BEST_EFFORT("BestEffort");

  private static final Set<String> RESOURCES = Set.of("cpu", "memory");

  private final String word;

  QosClass(String word) {
    this.word = word;
  }

  /** As in a pod's status. */
  String word() {
    return word;
  }

  /** As in the names of cgroups. */
  String inCgroup() {
    return word.toLowerCase(Locale.ROOT);
  }

  static QosClass of(Pod pod) {
    var containers = pod.getSpec().getContainers();
    if (containers.stream().allMatch(QosClass::asksForNothing)) {
      return BEST_EFFORT;
    }
    return containers.stream().allMatch(QosClass::isGuaranteed) ? GUARANTEED : BURSTABLE;
  }

  private static boolean asksForNothing(Container container) {
    ResourceRequirements resources = container.getResources();
    return resources == null
        || (RESOURCES.stream().noneMatch(of(resources.getRequests())::containsKey)
            && RESOURCES.stream().noneMatch(of(resources.getLimits())::containsKey));
  }

  /** A request that is left out is as high as the limit. */
  private static boolean isGuaranteed(Container container) {
    ResourceRequirements resources = container.getResources();
    if (resources == null) {
      return false;
    }
    Map<String, Quantity> requests = of(resources.getRequests());
    Map<String, Quantity> limits = of(resources.getLimits());
    return RESOURCES.stream()
        .allMatch(
            resource -> {
              Quantity limit = limits.get(resource);
              Quantity request = requests.getOrDefault(resource, limit);
              return limit != null
                  && request != null
                  && limit.getNumericalAmount().compareTo(request.getNumericalAmount()) == 0;
            });
  }

  @SuppressWarnings("NullableProblems")
  private static Map<String, Quantity> of(
      @org.jspecify.annotations.Nullable Map<String, Quantity> amounts) {
    return amounts == null ? Map.of() : amounts;
  }
}
