package dev.fareway.operator.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fareway.crds.Fareway;
import dev.fareway.operator.admission.MissedPods.Ref;
import dev.fareway.operator.shard.ShardHost;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Does for pods that missed admission what {@link Repair} says, a few at a time. One replica does
 * it, the owner of the first shard.
 */
@Singleton
public class AdmissionRepair {
  private static final Logger LOG = Logger.getLogger(AdmissionRepair.class);
  private static final long PERIOD_SECONDS = 3;
  private static final int AT_ONCE = 50;
  private static final int CONFLICT = 409;
  private static final int NOT_FOUND = 404;
  private static final int NAME_LIMIT = 200;
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final KubernetesClient client;
  private final Clock clock;
  private final ObjectMapper json;
  private final ShardHost shards;
  private final Webhook webhook;
  private final MissedPods missed;
  private final Counter repaired;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("admission-repair").daemon().factory());

  AdmissionRepair(
      KubernetesClient client,
      Clock clock,
      ObjectMapper json,
      ShardHost shards,
      Webhook webhook,
      MissedPods missed,
      MeterRegistry metrics) {
    this.client = client;
    this.clock = clock;
    this.json = json;
    this.shards = shards;
    this.webhook = webhook;
    this.missed = missed;
    this.repaired = metrics.counter("fareway.admission.repairs");
  }

  /** Starts looking, if there is a webhook that pods can miss. */
  public void start() {
    if (webhook.isConfigured()) {
      var _ =
          thread.scheduleWithFixedDelay(
              this::round, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Looks no more. */
  public void stop() {
    thread.shutdownNow();
  }

  private void round() {
    if (!shards.leads() || !webhook.isReady()) {
      return;
    }
    for (Ref ref : missed.first(AT_ONCE)) {
      try {
        repair(ref);
        missed.forget(ref.uid());
      } catch (KubernetesClientException e) {
        LOG.warnf(
            "Pod %s/%s missed admission and is not labelled yet, trying again: %s",
            ref.namespace(), ref.name(), e.getMessage());
        return;
      } catch (RuntimeException e) {
        LOG.errorf(e, "Pod %s/%s missed admission and stays as it is", ref.namespace(), ref.name());
        missed.forget(ref.uid());
      }
    }
  }

  private void repair(Ref ref) {
    Pod pod = client.pods().inNamespace(ref.namespace()).withName(ref.name()).get();
    if (pod == null || !ref.uid().equals(pod.getMetadata().getUid())) {
      return;
    }
    JsonNode tree = json.valueToTree(pod);
    Repair repair = Repair.of(tree, ref.namespace(), webhook.obstacle(pod), webhook.cluster());
    if (repair.label().isPresent()) {
      try {
        client
            .pods()
            .inNamespace(ref.namespace())
            .withName(ref.name())
            .patch(PatchContext.of(PatchType.JSON_MERGE), patch(ref, repair.label().get()));
        repaired.increment();
      } catch (KubernetesClientException e) {
        if (e.getCode() == NOT_FOUND || e.getCode() == CONFLICT) {
          // Gone, or another pod has its name.
          return;
        }
        throw e;
      }
    }
    repair.event().ifPresent(told -> tell(ref, told));
  }

  /** With the UID: refused if another pod has the name. */
  private String patch(Ref ref, String priceClass) {
    ObjectNode patch = json.createObjectNode();
    ObjectNode metadata = patch.putObject("metadata");
    metadata.put("uid", ref.uid());
    metadata.putObject("labels").put(Fareway.PRICE_CLASS, priceClass);
    return patch.toString();
  }

  /** Its name says what it is of, so that it is written once. */
  private void tell(Ref ref, Repair.Told told) {
    Instant now = clock.instant();
    String prefix =
        ref.name().length() <= NAME_LIMIT ? ref.name() : ref.name().substring(0, NAME_LIMIT);
    try {
      client
          .events()
          .v1()
          .events()
          .inNamespace(ref.namespace())
          .resource(
              new EventBuilder()
                  .withNewMetadata()
                  .withName(
                      "%s.%s.%s"
                          .formatted(
                              prefix,
                              Integer.toHexString(Objects.hashCode(ref.uid())),
                              told.reason())
                          .toLowerCase(Locale.ROOT))
                  .withNamespace(ref.namespace())
                  .endMetadata()
                  .withEventTime(new MicroTime(MICROS.format(now)))
                  .withReportingController(Fareway.GROUP + "/admission")
                  .withReportingInstance(shards.replica())
                  .withAction("Admission")
                  .withReason(told.reason())
                  .withType("Warning")
                  .withNote(told.message())
                  .withRegarding(
                      new ObjectReferenceBuilder()
                          .withApiVersion("v1")
                          .withKind("Pod")
                          .withNamespace(ref.namespace())
                          .withName(ref.name())
                          .withUid(ref.uid())
                          .build())
                  .build())
          .create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != CONFLICT) {
        LOG.warnf(
            "Event %s of pod %s/%s is not written: %s",
            told.reason(), ref.namespace(), ref.name(), e.getMessage());
      }
    }
  }
}
