package dev.fareway.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fareway.crds.Fareway;
import dev.fareway.crds.FunctionName;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What is shown of a pod.
 *
 * @param function what it is an instance of
 * @param node where it is; empty: nowhere yet
 * @param nominatedNode where it was promised room; empty: nowhere
 * @param scheduledReason why it is not placed, in one word; empty: nothing is said of it
 * @param scheduledMessage the same in a sentence
 */
public record PodFacts(
    String namespace,
    String name,
    String uid,
    String function,
    Map<String, String> labels,
    Map<String, String> annotations,
    String schedulerName,
    String priorityClassName,
    String phase,
    String node,
    String nominatedNode,
    boolean gated,
    boolean isEnding,
    Optional<Instant> created,
    Optional<Instant> scheduled,
    String scheduledReason,
    String scheduledMessage) {

  /** Reads a Pod. */
  public static PodFacts read(JsonNode pod) {
    JsonNode meta = pod.path("metadata");
    Map<String, String> labels = Facts.texts(meta.path("labels"));
    String controller = "";
    for (JsonNode owner : meta.path("ownerReferences")) {
      if (owner.path("controller").asBoolean(false)) {
        controller = Facts.text(owner, "name");
        break;
      }
    }
    String name = Facts.text(meta, "name");
    JsonNode scheduled = Facts.condition(pod, "PodScheduled");
    boolean isScheduled = Facts.text(scheduled, "status").equals("True");
    return new PodFacts(
        Facts.text(meta, "namespace"),
        name,
        Facts.text(meta, "uid"),
        FunctionName.of(name, labels, controller),
        labels,
        Facts.texts(meta.path("annotations")),
        Facts.text(pod, "spec", "schedulerName"),
        Facts.text(pod, "spec", "priorityClassName"),
        Facts.text(pod, "status", "phase"),
        Facts.text(pod, "spec", "nodeName"),
        Facts.text(pod, "status", "nominatedNodeName"),
        !pod.path("spec").path("schedulingGates").isEmpty(),
        meta.hasNonNull("deletionTimestamp"),
        Facts.time(meta, "creationTimestamp"),
        isScheduled ? Facts.time(scheduled, "lastTransitionTime") : Optional.empty(),
        isScheduled ? "" : Facts.text(scheduled, "reason"),
        isScheduled ? "" : Facts.text(scheduled, "message"));
  }

  /** Whether it is a function's: priced, or placed by us. */
  public boolean isFunction() {
    return schedulerName.equals(Fareway.SCHEDULER_NAME)
        || labels.containsKey(Fareway.PRICE_CLASS)
        || annotations.containsKey(Fareway.PRICE_CLASS);
  }

  /** Whether it no longer uses its node. */
  public boolean hasEnded() {
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  /** Whether it is on a node. */
  public boolean isPlaced() {
    return !node.isEmpty();
  }

  /** Its name among all. */
  public String key() {
    return namespace + "/" + name;
  }
}
