package dev.fareway.scheduler.kubernetes;

import dev.fareway.crds.FunctionName;
import dev.fareway.scheduler.core.Instance;
import dev.fareway.scheduler.core.Room;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Objects;

/** Reads a pod. */
public final class PodReader {
  private static final long DEFAULT_MEMORY_ESTIMATE_BYTES = 100L << 20;

  private PodReader() {}

  /** Whether a pod no longer uses its node. */
  public static boolean hasEnded(Pod pod) {
    String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    return "Succeeded".equals(phase) || "Failed".equals(phase);
  }

  /**
   * Whether a pod waits for this scheduler: not bound, not being deleted, not held back by a gate.
   */
  public static boolean waitsFor(String schedulerName, Pod pod) {
    PodSpec spec = pod.getSpec();
    return schedulerName.equals(spec.getSchedulerName())
        && (spec.getNodeName() == null || spec.getNodeName().isEmpty())
        && pod.getMetadata().getDeletionTimestamp() == null
        && spec.getSchedulingGates().isEmpty()
        && !hasEnded(pod);
  }

  /**
   * What a pod is an instance of: its Knative service, else its Deployment, else its controller,
   * else itself.
   */
  public static String functionOf(Pod pod) {
    var meta = pod.getMetadata();
    Map<String, String> labels = Objects.requireNonNullElse(meta.getLabels(), Map.of());
    String controller =
        meta.getOwnerReferences().stream()
            .filter(reference -> Boolean.TRUE.equals(reference.getController()))
            .map(OwnerReference::getName)
            .findFirst()
            .orElse("");
    return FunctionName.of(meta.getName(), labels, controller);
  }

  /** The instance that a pod is, in the class that it is in. */
  public static Instance instance(Pod pod, String priceClass, Instant now) {
    Room needs = needs(pod);
    return new Instance(
        pod.getMetadata().getUid(),
        pod.getMetadata().getNamespace() + "/" + functionOf(pod),
        priceClass,
        createdNanos(pod, now),
        Math.max(needs.memoryBytes(), DEFAULT_MEMORY_ESTIMATE_BYTES),
        needs,
        PodConstraints.of(pod.getSpec()));
  }

  /**
   * When a pod was created, in nanoseconds since the epoch.
   *
   * <p>The API server cuts its creation times to whole seconds. Taken as they are, pods that have
   * waited for milliseconds would seem to have waited for up to a second, and the cheap would go
   * before the dear. So a pod that is seen within its second counts from when it is seen, and all
   * others from the end of theirs.
   */
  static long createdNanos(Pod pod, Instant now) {
    Instant created = created(pod, now);
    Instant last = created.plusNanos(999_999_999);
    return nanos(now.isBefore(created) ? created : now.isAfter(last) ? last : now);
  }

  /** Nanoseconds since the epoch. */
  public static long nanos(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
  }

  /** What a pod declares to need of its node. */
  public static Room needs(Pod pod) {
    return PodNeeds.of(pod.getSpec());
  }

  private static Instant created(Pod pod, Instant now) {
    String created = pod.getMetadata().getCreationTimestamp();
    try {
      return created == null ? now : Instant.parse(created);
    } catch (DateTimeParseException e) {
      return now;
    }
  }
}
