package dev.fareway.scheduler.core;

/**
 * An instance on its way through a shard: one object from its arrival to its end, so that queues
 * and charges need no further allocation. Package-private state; the host sees it as a handle.
 */
public final class Ticket {
  enum State {
    /** In the queue. */
    QUEUED,
    /** Candidates are being asked for their load. */
    POLLING,
    /** On its way to a node, or there: the node is charged. */
    PLACED,
    /** Its binding failed; it is queued again at {@link #retryAtNanos}. */
    BACKING_OFF,
    /** No node fits; it is queued again when nodes change. */
    PARKED
  }

  final Instance instance;

  /** Order of arrival in the shard: breaks ties between instances of one age. */
  final long arrival;

  State state = State.QUEUED;
  int heapIndex = -1;
  int attempts;
  long retryAtNanos;

  /** What was last said about why it waits: said once. */
  String refusal = "";

  /**
   * The room it takes once it is placed: allocated with it, so that a decision allocates nothing.
   */
  final Occupant occupant;

  Eligibility eligibility;

  Ticket(Instance instance, long arrival, Occupant occupant, Eligibility eligibility) {
    this.instance = instance;
    this.arrival = arrival;
    this.occupant = occupant;
    this.eligibility = eligibility;
  }

  /** The instance. */
  public Instance instance() {
    return instance;
  }

  /** First come, first served: by age, then by arrival. */
  boolean isBefore(Ticket other) {
    return instance.createdNanos() != other.instance.createdNanos()
        ? instance.createdNanos() < other.instance.createdNanos()
        : arrival < other.arrival;
  }
}
