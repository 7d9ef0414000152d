package dev.fareway.operator.admission;

import dev.fareway.scheduler.core.PricedClass;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** What an object is judged by. */
interface PricedCluster {
  /** The price classes that there are. */
  Collection<PricedClass> classes();

  /** The class of functions that name none, if one is declared. */
  Optional<String> defaultClass();

  /** A namespace's metadata; empty if it isn't known (yet). */
  Optional<ObjectMeta> namespace(String name);

  /**
   * The Kubernetes priority classes that stand for price classes, by name. Naming one that isn't
   * there would make the API server refuse the pod.
   */
  Set<String> priorityClasses();

  /** The Kubernetes priority class that pods have which name none, if there is one. */
  Optional<String> defaultPriorityClass();
}
