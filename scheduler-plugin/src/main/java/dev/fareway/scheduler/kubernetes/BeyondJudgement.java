package dev.fareway.scheduler.kubernetes;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a pod can demand of its node that this scheduler does not judge. Such a pod keeps, or gets,
 * another scheduler; it is priced and enforced all the same. Wishes (preferred affinity, spreading
 * "anyway") are no demands: they are left aside.
 */
public final class BeyondJudgement {
  private BeyondJudgement() {}

  /**
   * What a pod demands that is not judged here, each as a few words that name the field; empty if
   * there is nothing.
   *
   * @param usableAnywhere whether a volume claim of the pod's namespace, by its name, is bound to a
   *     volume that every node can use
   */
  public static List<String> demands(Pod pod, Predicate<String> usableAnywhere) {
    PodSpec spec = pod.getSpec();
    var demands = new ArrayList<String>();
    if (!spec.getResourceClaims().isEmpty()) {
      demands.add("resource claims (spec.resourceClaims)");
    }
    if (spec.getTopologySpreadConstraints().stream()
        .anyMatch(spread -> "DoNotSchedule".equals(spread.getWhenUnsatisfiable()))) {
      demands.add("required topology spread (spec.topologySpreadConstraints)");
    }
    Affinity affinity = spec.getAffinity();
    if (affinity != null
        && affinity.getPodAffinity() != null
        && !affinity
            .getPodAffinity()
            .getRequiredDuringSchedulingIgnoredDuringExecution()
            .isEmpty()) {
      demands.add("required affinity between pods (spec.affinity.podAffinity)");
    }
    if (affinity != null
        && affinity.getPodAntiAffinity() != null
        && !affinity
            .getPodAntiAffinity()
            .getRequiredDuringSchedulingIgnoredDuringExecution()
            .isEmpty()) {
      demands.add("required anti-affinity between pods (spec.affinity.podAntiAffinity)");
    }
    for (Volume volume : spec.getVolumes()) {
      if (volume.getEphemeral() != null) {
        demands.add("the volume %s, which is made for the pod".formatted(volume.getName()));
      } else if (volume.getPersistentVolumeClaim() != null
          && !usableAnywhere.test(volume.getPersistentVolumeClaim().getClaimName())) {
        demands.add(unusable(volume.getPersistentVolumeClaim().getClaimName()));
      }
    }
    return demands;
  }

  /** The volume claims that a pod uses, by their names. */
  public static List<String> claims(Pod pod) {
    return pod.getSpec().getVolumes().stream()
        .filter(volume -> volume.getPersistentVolumeClaim() != null)
        .map(volume -> volume.getPersistentVolumeClaim().getClaimName())
        .toList();
  }

  /** The few words for a claim that is not bound to a volume that every node can use. */
  public static String unusable(String claim) {
    return "the volume claim %s, which may be bound to some nodes only".formatted(claim);
  }
}
