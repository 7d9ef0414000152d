package dev.fareway.scheduler.core;

/**
 * An instance on its way through a shard: one object from its arrival to its end, so that queues
 * and charges need no further allocation.
 */
final class Ticket extends Queueable {
  enum State {
    /** In the queue. */
    QUEUED,
    /** Candidates are being asked for their load. */
    POLLING,
    /** On its way to a node, or there: the node is charged. */
    PLACED,
    /** It has a node, as soon as others have left it: their room is its own already. */
    NOMINATED,
    /** Its binding failed; it is queued again at {@link #retryAtNanos}. */
    BACKING_OFF,
    /** No node fits; it is queued again when one has room. */
    PARKED,
    /** The shard has forgotten it. */
    GONE
  }

  final Instance instance;

  final Shape shape;

  /**
   * The room it takes once it is placed: allocated with it, so that a decision allocates nothing.
   */
  final Occupant occupant;

  /** The instance's: copied, because a decision looks at nothing else of it. */
  final long memoryEstimateBytes;

  State state = State.QUEUED;

  int attempts;
  long retryAtNanos;

  /** If nominated: until when it waits for the others to leave. */
  long nominatedUntilNanos;

  long pollId;

  /** What was last said about why it waits: said once. */
  String refusal = "";

  Ticket(Instance instance, long arrival, int lane, Shape shape, Occupant occupant) {
    super(lane, instance.createdNanos(), arrival);
    this.instance = instance;
    this.memoryEstimateBytes = instance.memoryEstimateBytes();
    this.shape = shape;
    this.occupant = occupant;
  }
}
