package dev.fareway.scheduler.core;

/**
 * An instance on its way through a shard: one object from its arrival to its end, so that queues
 * and charges need no further allocation.
 */
final class Ticket {
  enum State {
    /** In the queue. */
    QUEUED,
    /** Candidates are being asked for their load. */
    POLLING,
    /** On its way to a node, or there: the node is charged. */
    PLACED,
    /** Its binding failed; it is queued again at {@link #retryAtNanos}. */
    BACKING_OFF,
    /** No node fits; it is queued again when one has room. */
    PARKED,
    /** The shard has forgotten it. */
    GONE
  }

  final Instance instance;

  /** The instance's: the queues compare it often. */
  long createdNanos;

  /** Order of arrival in the shard: breaks ties between instances of one age. */
  final long arrival;

  /** Its price class, as a number. */
  final int lane;

  final Shape shape;

  /**
   * The room it takes once it is placed: allocated with it, so that a decision allocates nothing.
   */
  final Occupant occupant;

  State state = State.QUEUED;

  /** Where it stands in an {@link AgeQueue}: in the ring from 0 on, in the heap from -1 down. */
  long position = AgeQueue.NOWHERE;

  int attempts;
  long retryAtNanos;
  long pollId;

  /** What was last said about why it waits: said once. */
  String refusal = "";

  Ticket(Instance instance, long arrival, int lane, Shape shape, Occupant occupant) {
    this.instance = instance;
    this.createdNanos = instance.createdNanos();
    this.arrival = arrival;
    this.lane = lane;
    this.shape = shape;
    this.occupant = occupant;
  }

  /** First come, first served: by age, then by arrival. */
  boolean isBefore(Ticket other) {
    return createdNanos != other.createdNanos
        ? createdNanos < other.createdNanos
        : arrival < other.arrival;
  }
}
