package dev.fareway.operator.shard;

import dev.fareway.scheduler.core.PlacementSink.How;
import org.jspecify.annotations.Nullable;

/**
 * Something that was decided of a pod, to be shown to people.
 *
 * @param atMillis when, in milliseconds since the epoch
 * @param kind what
 * @param namespace of the pod
 * @param pod its name
 * @param priceClass the class it was judged in; empty if it has none
 * @param shard the shard that it belongs to
 * @param node where it goes, or is; empty if nowhere
 * @param waitedNanos how long it had waited, from its creation
 * @param how how the node was found; null if none was
 * @param functions function instances on that node then, this one included
 * @param message why, in words; empty where {@code how} says it
 */
public record Decision(
    long atMillis,
    Kind kind,
    String namespace,
    String pod,
    String priceClass,
    int shard,
    String node,
    long waitedNanos,
    @Nullable How how,
    int functions,
    String message) {

  /** What was decided. */
  public enum Kind {
    /** It has a node, and the API server knows. */
    PLACED,
    /** It has none for now, for the reason told. */
    WAITS,
    /** It has one as soon as cheaper ones have left it. */
    PREEMPTS,
    /** It was asked to end, for a dearer one. */
    EVICTED,
    /** The API server did not answer, or failed: it is tried again. */
    BINDING_FAILED,
    /** The API server refused: the pod is gone, or has a node already. */
    BINDING_REFUSED
  }

  /** Why, in words. Made here and not when it was decided: who decides has no time for words. */
  public String reason() {
    if (how == null) {
      return message;
    }
    return switch (how) {
      case IDLE_LIST ->
          "Fewest functions among the nodes on the idle list of shard %d: %d there now."
              .formatted(shard, functions);
      case POLLED ->
          "None on the idle list would do; least loaded of those drawn and asked: %d functions there now."
              .formatted(functions);
      case UNASKED ->
          "None on the idle list would do; least loaded of those drawn, by what was known: %d functions there now."
              .formatted(functions);
      case FREED ->
          "No node had room, and then this one had again: %d functions there now."
              .formatted(functions);
      case PREEMPTED ->
          "Instances of cheaper classes have left the node for it: %d functions there now."
              .formatted(functions);
    };
  }
}
