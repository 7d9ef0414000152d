package dev.fareway.scheduler.kubernetes;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Reads volumes and claims: whether a pod that uses one can run on every node all the same. */
public final class VolumeReader {
  /** Many nodes may use such a volume at the same time. */
  private static final Set<String> SHARED = Set.of("ReadWriteMany", "ReadOnlyMany");

  /** Volumes of before node affinity say by these labels where they can be used. */
  private static final List<String> PLACES =
      List.of(
          "topology.kubernetes.io/zone",
          "topology.kubernetes.io/region",
          "failure-domain.beta.kubernetes.io/zone",
          "failure-domain.beta.kubernetes.io/region");

  private VolumeReader() {}

  /**
   * Whether every node can use a volume, whoever uses it already: it is bound to no nodes, and may
   * be used by many at a time. A volume that one node may use at a time can be held by another one,
   * and nodes may have a limit of such: that is for others to judge.
   */
  public static boolean isUsableAnywhere(PersistentVolume volume) {
    var spec = volume.getSpec();
    Map<String, String> labels =
        Objects.requireNonNullElse(volume.getMetadata().getLabels(), Map.of());
    return spec.getNodeAffinity() == null
        && spec.getAccessModes().stream().anyMatch(SHARED::contains)
        && PLACES.stream().noneMatch(labels::containsKey);
  }

  /** The volume that a claim is bound to; empty as long as there is none, or it is lost. */
  public static Optional<String> volumeOf(PersistentVolumeClaim claim) {
    String volume = claim.getSpec().getVolumeName();
    boolean isBound = claim.getStatus() != null && "Bound".equals(claim.getStatus().getPhase());
    return isBound && volume != null && !volume.isEmpty() ? Optional.of(volume) : Optional.empty();
  }
}
