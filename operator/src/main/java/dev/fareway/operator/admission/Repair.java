package dev.fareway.operator.admission;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fareway.crds.Fareway;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Optional;

/**
 * What can still be done for a pod that admission did not see, because the webhook was down or
 * Fareway not yet there: its label, so that all of Fareway takes it for what it is, and a word to
 * its owner on what only a new pod can have.
 *
 * @param label the class that it is to be labelled with; empty: the label stays
 * @param event what its owner is told; empty: nothing
 */
record Repair(Optional<String> label, Optional<Told> event) {

  /** An Event of type Warning on the pod. */
  record Told(String reason, String message) {}

  /** Nothing is missing, or the pod is none of ours. */
  static final Repair NONE = new Repair(Optional.empty(), Optional.empty());

  private static final String LABEL = "/metadata/labels/" + Metadata.PRICE_CLASS_TOKEN;

  /**
   * Whether a pod may have missed admission, by its metadata alone: quick, and never wrongly no.
   */
  static boolean mayBeNeeded(ObjectMeta pod, boolean namespaceNamesClass) {
    var labels = pod.getLabels();
    var annotations = pod.getAnnotations();
    String label = labels == null ? null : labels.get(Fareway.PRICE_CLASS);
    String annotation = annotations == null ? null : annotations.get(Fareway.PRICE_CLASS);
    if (label != null) {
      return annotation != null && !annotation.isEmpty() && !annotation.equals(label);
    }
    return annotation != null
        || namespaceNamesClass
        || (labels != null && labels.containsKey(PodAdmission.KNATIVE_REVISION));
  }

  /**
   * What is to be done for a pod.
   *
   * @param pod as the API server has it
   * @param obstacle why our scheduler can't judge where it may run, if so
   */
  static Repair of(
      JsonNode pod, String namespace, Optional<String> obstacle, PricedCluster cluster) {
    return switch (PodAdmission.judge(pod, namespace, obstacle, cluster)) {
      case Verdict.Refused refused ->
          new Repair(
              Optional.empty(), Optional.of(new Told("UnknownPriceClass", refused.message())));
      case Verdict.Admitted admitted -> {
        Optional<String> label = Optional.empty();
        for (Verdict.Change change : admitted.changes()) {
          if (change instanceof Verdict.Change.SetText set && set.path().equals(LABEL)) {
            label = Optional.of(set.value());
          }
        }
        yield label.isEmpty()
            ? NONE
            : new Repair(label, told(pod, label.get(), obstacle.isPresent()));
      }
    };
  }

  private static Optional<Told> told(JsonNode pod, String priceClass, boolean obstacle) {
    String scheduler = pod.path("spec").path("schedulerName").asText("");
    return scheduler.equals(Fareway.SCHEDULER_NAME) || obstacle
        ? Optional.empty()
        : Optional.of(
            new Told(
                "NotAdmitted",
                ("The pod was created while Fareway's admission was not reached: it is charged and enforced as '%s', but"
                        + " %s places it, and not by price. Create it anew for that, for example with kubectl rollout restart.")
                    .formatted(priceClass, scheduler.isEmpty() ? "another scheduler" : scheduler)));
  }
}
