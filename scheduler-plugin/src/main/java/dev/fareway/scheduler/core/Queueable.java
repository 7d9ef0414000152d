package dev.fareway.scheduler.core;

/**
 * What can wait in a {@link PriceQueue}: a function instance that waits for a node, or a request
 * that waits for an instance. It carries its own place in the queue, so that waiting allocates
 * nothing and any can be taken out.
 */
public abstract class Queueable {
  /** What its time waited counts from; the queues compare it often. */
  long createdNanos;

  /** Order of arrival: breaks ties between those of one age. */
  final long arrival;

  /** Its price class, as a number. */
  final int lane;

  /** Where it stands in an {@link AgeQueue}: in the ring from 0 on, in the heap from -1 down. */
  long position = AgeQueue.NOWHERE;

  /**
   * One that does not wait yet.
   *
   * @param lane its price class, as {@link PriceTable#lane} numbers it
   * @param createdNanos what its time waited counts from
   * @param arrival its number in the order of arrival
   */
  protected Queueable(int lane, long createdNanos, long arrival) {
    this.lane = lane;
    this.createdNanos = createdNanos;
    this.arrival = arrival;
  }

  /** Its price class, as {@link PriceTable#lane} numbers it. */
  public final int lane() {
    return lane;
  }

  /** What its time waited counts from, in nanoseconds. */
  public final long createdNanos() {
    return createdNanos;
  }

  /** First come, first served: by age, then by arrival. */
  final boolean isBefore(Queueable other) {
    return createdNanos != other.createdNanos
        ? createdNanos < other.createdNanos
        : arrival < other.arrival;
  }
}
