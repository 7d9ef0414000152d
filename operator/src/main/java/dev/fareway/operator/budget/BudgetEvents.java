package dev.fareway.operator.budget;

import dev.fareway.crds.Budget;
import dev.fareway.crds.Fareway;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jboss.logging.Logger;

/**
 * Writes Events on budgets. Each has a name that says what it is of, so that several replicas, or
 * one that restarts, write it once.
 */
final class BudgetEvents {
  private static final Logger LOG = Logger.getLogger(BudgetEvents.class);
  private static final int CONFLICT = 409;
  private static final int MAX_BEGIN = 190;
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final KubernetesClient client;
  private final String replica;

  BudgetEvents(KubernetesClient client, String replica) {
    this.client = client;
    this.replica = replica;
  }

  /**
   * Writes one, unless it was written before.
   *
   * @param id what it is of, beside the budget: the period and a percentage, or a state and its
   *     time
   */
  void write(Budget budget, String id, boolean warning, String reason, String note, Instant now) {
    var meta = budget.getMetadata();
    String uid = meta.getUid() == null ? "" : meta.getUid();
    try {
      client
          .events()
          .v1()
          .events()
          .inNamespace(meta.getNamespace())
          .resource(
              new EventBuilder()
                  .withNewMetadata()
                  .withName(nameOf(meta.getName(), uid, id))
                  .withNamespace(meta.getNamespace())
                  .endMetadata()
                  .withEventTime(new MicroTime(MICROS.format(now)))
                  .withReportingController(Fareway.GROUP + "/budgets")
                  .withReportingInstance(replica)
                  .withAction("Accounting")
                  .withReason(reason)
                  .withType(warning ? "Warning" : "Normal")
                  .withNote(note)
                  .withRegarding(
                      new ObjectReferenceBuilder()
                          .withApiVersion(budget.getApiVersion())
                          .withKind(budget.getKind())
                          .withNamespace(meta.getNamespace())
                          .withName(meta.getName())
                          .withUid(uid)
                          .build())
                  .build())
          .create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != CONFLICT) {
        LOG.warnf(
            "Event %s of budget %s/%s is not written: %s",
            reason, meta.getNamespace(), meta.getName(), e.getMessage());
      }
    }
  }

  /** Within the 253 characters of a name, however long the budget's is: its UID tells it apart. */
  static String nameOf(String budget, String uid, String id) {
    String begin = budget.length() > MAX_BEGIN ? budget.substring(0, MAX_BEGIN) : budget;
    return "%s.%s.%s"
        .formatted(
            begin.endsWith(".") || begin.endsWith("-")
                ? begin.substring(0, begin.length() - 1) + "0"
                : begin,
            Integer.toHexString(uid.hashCode()),
            id)
        .toLowerCase(Locale.ROOT);
  }
}
