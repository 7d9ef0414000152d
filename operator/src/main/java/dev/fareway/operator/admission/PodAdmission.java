package dev.fareway.operator.admission;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fareway.crds.Fareway;
import dev.fareway.operator.admission.Verdict.Change;
import dev.fareway.operator.priceclass.PriorityClasses;
import dev.fareway.scheduler.kubernetes.PriceClassChoice;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of a pod as it is created: a function pod gets its class as a label, our scheduler,
 * and the Kubernetes priority that goes with the class, so that the kubelet's eviction agrees.
 *
 * <p>A pod is a function's if it names a class, its namespace does, or it is Knative's. All others
 * pass untouched. Applied to its own result it changes nothing, as the API server may ask twice.
 */
final class PodAdmission {
  static final String KNATIVE_REVISION = "serving.knative.dev/revision";
  private static final String MIRROR = "kubernetes.io/config.mirror";
  private static final String DEFAULT_SCHEDULER = "default-scheduler";

  private PodAdmission() {}

  /**
   * Judges one.
   *
   * @param pod as it was sent, with the API server's defaults
   * @param namespace where it is to be
   * @param obstacle why our scheduler can't judge where it may run, if so
   */
  static Verdict judge(
      JsonNode pod, String namespace, Optional<String> obstacle, PricedCluster cluster) {
    ObjectMeta meta = Metadata.of(pod);
    ObjectMeta namespaceMeta = cluster.namespace(namespace).orElse(null);
    if (meta.getAnnotations().containsKey(MIRROR)
        || !isFunction(pod, meta, namespaceMeta != null && Metadata.namesClass(namespaceMeta))) {
      return Verdict.untouched();
    }
    return switch (PriceClassChoice.of(
        meta, namespaceMeta, cluster.classes(), cluster.defaultClass())) {
      case PriceClassChoice.Unknown unknown ->
          // Without any class there is nothing to name: better a pod that runs as it always did.
          cluster.classes().isEmpty() && !Metadata.namesClass(meta)
              ? new Verdict.Admitted(List.of(), List.of(unknown.message()))
              : new Verdict.Refused(unknown.message());
      case PriceClassChoice.Chosen chosen ->
          priced(pod, meta, chosen.priceClass(), obstacle, cluster);
    };
  }

  private static boolean isFunction(JsonNode pod, ObjectMeta meta, boolean namespaceNamesClass) {
    if (Metadata.namesClass(meta) || meta.getLabels().containsKey(KNATIVE_REVISION)) {
      return true;
    }
    // Node agents are nobody's functions, whatever namespace they live in.
    boolean isAgent = false;
    for (JsonNode owner : pod.path("metadata").path("ownerReferences")) {
      isAgent |= owner.path("kind").asText().equals("DaemonSet");
    }
    return namespaceNamesClass && !isAgent;
  }

  private static Verdict priced(
      JsonNode pod,
      ObjectMeta meta,
      String priceClass,
      Optional<String> obstacle,
      PricedCluster cluster) {
    List<Change> changes = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    if (!priceClass.equals(meta.getLabels().get(Fareway.PRICE_CLASS))) {
      if (!pod.path("metadata").has("labels")) {
        changes.add(new Change.MakeObject("/metadata/labels"));
      }
      changes.add(new Change.SetText("/metadata/labels/" + Metadata.PRICE_CLASS_TOKEN, priceClass));
    }
    if (meta.getAnnotations().containsKey(Fareway.BUDGET)) {
      // A copy of another pod's, or a try to forge it: what is in force is ours to say.
      changes.add(new Change.Remove("/metadata/annotations/" + Metadata.BUDGET_TOKEN));
    }
    changes.addAll(scheduler(pod, obstacle, warnings));
    changes.addAll(priority(pod, priceClass, cluster));
    return new Verdict.Admitted(changes, warnings);
  }

  private static List<Change> scheduler(
      JsonNode pod, Optional<String> obstacle, List<String> warnings) {
    JsonNode spec = pod.path("spec");
    String scheduler = spec.path("schedulerName").asText("");
    if (scheduler.equals(Fareway.SCHEDULER_NAME) || !spec.path("nodeName").asText("").isEmpty()) {
      return List.of();
    }
    if (!scheduler.isEmpty() && !scheduler.equals(DEFAULT_SCHEDULER)) {
      warnings.add(
          "spec.schedulerName is '%s' and stays so: the pod is priced and its class enforced, but not placed by price."
              .formatted(scheduler));
      return List.of();
    }
    if (obstacle.isPresent()) {
      warnings.add(obstacle.get());
      return List.of();
    }
    return List.of(new Change.SetText("/spec/schedulerName", Fareway.SCHEDULER_NAME));
  }

  private static List<Change> priority(JsonNode pod, String priceClass, PricedCluster cluster) {
    JsonNode spec = pod.path("spec");
    String wanted = PriorityClasses.nameFor(priceClass);
    String before = spec.path("priorityClassName").asText("");
    boolean chosenByUser =
        !before.isEmpty() && !Optional.of(before).equals(cluster.defaultPriorityClass());
    if (chosenByUser || !cluster.priorityClasses().contains(wanted)) {
      return List.of();
    }
    List<Change> changes = new ArrayList<>();
    changes.add(new Change.SetText("/spec/priorityClassName", wanted));
    // Worked out before us from the class that was there; the API server refuses a pod where they
    // don't agree, and works out what is missing.
    for (String derived : List.of("priority", "preemptionPolicy")) {
      if (spec.has(derived)) {
        changes.add(new Change.Remove("/spec/" + derived));
      }
    }
    return changes;
  }
}
