package dev.fareway.operator.shard;

import dev.fareway.crds.Fareway;
import dev.fareway.scheduler.kubernetes.PodReader;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells users why a pod waits: the pod's condition {@code PodScheduled=False} and an Event.
 *
 * <p>Best effort, apart from the bindings: when it can't keep up, what it can't take is dropped and
 * logged, and said again when the shard next looks at the pod.
 */
final class PodReporter implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(PodReporter.class);
  private static final int QUEUE_LIMIT = 10_000;
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final KubernetesClient client;
  private final Clock clock;
  private final String replica;
  private final ThreadPoolExecutor writers =
      new ThreadPoolExecutor(
          2,
          2,
          10,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(QUEUE_LIMIT),
          Thread.ofPlatform().name("pod-reporter-", 0).daemon().factory());

  PodReporter(KubernetesClient client, Clock clock, String replica) {
    this.client = client;
    this.clock = clock;
    this.replica = replica;
  }

  /**
   * Says why a pod waits.
   *
   * @param reason one word, for the Event
   */
  void waits(PodRef pod, String reason, String message) {
    write(
        pod,
        () -> {
          writeCondition(pod, message, null);
          writeEvent(pod, reason, "Scheduling", "Warning", message);
        });
  }

  /** Says that a pod has a node as soon as others have left it. */
  void nominated(PodRef pod, String node, String message) {
    write(
        pod,
        () -> {
          writeCondition(pod, message, node);
          writeEvent(pod, "Nominated", "Preempting", "Normal", message);
        });
  }

  /** Says why a pod was asked to end. */
  void preempted(PodRef pod, String message) {
    write(pod, () -> writeEvent(pod, "Preempted", "Preempting", "Warning", message));
  }

  private void write(PodRef pod, Runnable what) {
    try {
      writers.execute(
          () -> {
            try {
              what.run();
            } catch (KubernetesClientException e) {
              if (e.getCode() != 404) {
                LOG.warnf("Could not say on pod %s what is done with it: %s", pod, e.getMessage());
              }
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.warnf("Too many pods wait to be told what is done with them: left out %s", pod);
    }
  }

  private void writeCondition(PodRef ref, String message, @Nullable String nominatedTo) {
    client
        .pods()
        .inNamespace(ref.namespace())
        .withName(ref.name())
        .editStatus(
            pod ->
                ref.uid().equals(pod.getMetadata().getUid())
                    ? withCondition(pod, message, nominatedTo)
                    : pod);
  }

  private Pod withCondition(Pod pod, String message, @Nullable String nominatedTo) {
    PodCondition condition =
        new PodConditionBuilder()
            .withType("PodScheduled")
            .withStatus("False")
            .withReason("Unschedulable")
            .withMessage(message)
            .withLastTransitionTime(clock.instant().truncatedTo(ChronoUnit.SECONDS).toString())
            .build();
    PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
    List<PodCondition> conditions = new ArrayList<>(status.getConditions());
    conditions.removeIf(before -> "PodScheduled".equals(before.getType()));
    conditions.add(condition);
    status.setConditions(conditions);
    status.setNominatedNodeName(nominatedTo);
    pod.setStatus(status);
    return pod;
  }

  private void writeEvent(PodRef pod, String reason, String action, String type, String message) {
    Instant now = clock.instant();
    client
        .events()
        .v1()
        .events()
        .inNamespace(pod.namespace())
        .resource(
            new EventBuilder()
                .withNewMetadata()
                .withName(pod.name() + "." + Long.toHexString(PodReader.nanos(now)))
                .withNamespace(pod.namespace())
                .endMetadata()
                .withEventTime(new MicroTime(MICROS.format(now)))
                .withReportingController(Fareway.SCHEDULER_NAME)
                .withReportingInstance(replica)
                .withAction(action)
                .withReason(reason)
                .withType(type)
                .withNote(message)
                .withRegarding(
                    new ObjectReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("Pod")
                        .withNamespace(pod.namespace())
                        .withName(pod.name())
                        .withUid(pod.uid())
                        .build())
                .build())
        .create();
  }

  /** Drops what is not yet written. */
  @Override
  public void close() {
    writers.shutdownNow();
  }
}
