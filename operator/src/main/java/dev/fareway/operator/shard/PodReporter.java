package dev.fareway.operator.shard;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fareway.crds.Fareway;
import dev.fareway.scheduler.kubernetes.PodReader;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells users what is done with their pods: the pod's condition {@code PodScheduled=False} and an
 * Event.
 *
 * <p>Best effort, and after bindings by design ({@link ReportPace}): thousands of pods that fit
 * nowhere must not keep the API server from binding one that does. Of what is to be said of one
 * pod, only the latest is.
 */
final class PodReporter implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(PodReporter.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int QUEUE_LIMIT = 100_000;
  private static final int STOP_MILLIS = 2_000;
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  /**
   * Something to say.
   *
   * @param condition whether the pod's condition says it, too
   * @param nominatedTo the node that the pod is promised; null if none
   */
  private record Report(
      PodRef pod,
      String reason,
      String action,
      String type,
      String message,
      boolean condition,
      @Nullable String nominatedTo) {}

  private final KubernetesClient client;
  private final Clock clock;
  private final String replica;

  /** By the pod's UID, and what is not about a waiting pod by that and the reason. */
  private final LinkedHashMap<String, Report> waiting = new LinkedHashMap<>();

  private final ReportPace pace = new ReportPace(System.nanoTime());
  private final Thread writer;
  private boolean closed;
  private boolean overflowing;

  PodReporter(KubernetesClient client, Clock clock, String replica) {
    this.client = client;
    this.clock = clock;
    this.replica = replica;
    this.writer = Thread.ofPlatform().name("pod-reporter").daemon().start(this::run);
  }

  /**
   * Says why a pod waits.
   *
   * @param reason one word, for the Event
   */
  void waits(PodRef pod, String reason, String message) {
    say(pod.uid(), new Report(pod, reason, "Scheduling", "Warning", message, true, null));
  }

  /** Says that a pod has a node as soon as others have left it. */
  void nominated(PodRef pod, String node, String message) {
    say(pod.uid(), new Report(pod, "Nominated", "Preempting", "Normal", message, true, node));
  }

  /** Says why a pod was asked to end. */
  void preempted(PodRef pod, String message) {
    say(
        pod.uid() + "/preempted",
        new Report(pod, "Preempted", "Preempting", "Warning", message, false, null));
  }

  /** What was to be said of a pod that has its node now, or is gone, need not be said. */
  synchronized void forget(String uid) {
    waiting.remove(uid);
  }

  private synchronized void say(String key, Report report) {
    if (waiting.size() >= QUEUE_LIMIT && !waiting.containsKey(key)) {
      if (!overflowing) {
        overflowing = true;
        LOG.warnf("Too many pods wait to be told what is done with them: some are left out");
      }
      return;
    }
    waiting.putLast(key, report);
    notifyAll();
  }

  /** A binding is sent: what is to be said can wait. */
  synchronized void bindingBegan() {
    pace.bindingBegan(System.nanoTime());
  }

  /** A binding that was sent was answered, or given up. */
  synchronized void bindingEnded() {
    if (pace.bindingEnded(System.nanoTime())) {
      notifyAll();
    }
  }

  private synchronized Report take() throws InterruptedException {
    while (true) {
      if (waiting.isEmpty()) {
        overflowing = false;
        wait();
        continue;
      }
      long nanos = pace.waitNanos(System.nanoTime());
      if (nanos <= 0) {
        return waiting.pollFirstEntry().getValue();
      }
      // Rounded up: no turn is to come a little too early, and then another.
      wait(TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
    }
  }

  private void run() {
    try {
      while (!isClosed()) {
        Report report = take();
        long before = System.nanoTime();
        write(report);
        wrote(before);
      }
    } catch (InterruptedException e) {
      LOG.debug("ended");
    }
  }

  private synchronized void wrote(long beforeNanos) {
    long now = System.nanoTime();
    pace.wrote(now - beforeNanos, now);
  }

  private void write(Report report) {
    try {
      if (report.condition) {
        writeCondition(report);
      }
      writeEvent(report);
    } catch (KubernetesClientException e) {
      // Gone, or another pod of that name.
      if (e.getCode() != 404 && e.getCode() != 409 && !isClosed()) {
        LOG.warnf("Could not say on pod %s what is done with it: %s", report.pod, e.getMessage());
      }
    } catch (RuntimeException e) {
      LOG.warnf(e, "Could not say on pod %s what is done with it", report.pod);
    }
  }

  /**
   * One patch; the UID in it keeps a later pod of the same name from being told. Who is promised no
   * node has no promise left from before, neither.
   */
  private void writeCondition(Report report) {
    ObjectNode patch = JSON.createObjectNode();
    patch.putObject("metadata").put("uid", report.pod.uid());
    ObjectNode status = patch.putObject("status");
    status.put("nominatedNodeName", report.nominatedTo);
    status
        .putArray("conditions")
        .addObject()
        .put("type", "PodScheduled")
        .put("status", "False")
        .put("reason", "Unschedulable")
        .put("message", report.message)
        .put("lastTransitionTime", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    client
        .pods()
        .inNamespace(report.pod.namespace())
        .withName(report.pod.name())
        .subresource("status")
        .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch.toString());
  }

  private void writeEvent(Report report) {
    Instant now = clock.instant();
    PodRef pod = report.pod;
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
                .withAction(report.action)
                .withReason(report.reason)
                .withType(report.type)
                .withNote(report.message)
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

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Drops what is not yet written. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      waiting.clear();
    }
    writer.interrupt();
    try {
      writer.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
