package dev.fareway.activator.core;

import dev.fareway.scheduler.core.PriceTable;
import dev.fareway.scheduler.core.Queueable;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through the activator: one object from its arrival to its end. The host
 * extends it by what it needs to go on with the request, and sees the rest as a handle.
 */
public class Invocation extends Queueable {
  enum State {
    /** Not handed in yet. */
    NEW,
    /** Waits for a pod. */
    WAITING,
    /** A pod has it. */
    RUNNING,
    /** Answered, turned away or given up. */
    ENDED
  }

  private final RevisionKey revision;
  private final String priceClass;
  State state = State.NEW;

  /** Where it runs; null while it doesn't. */
  @Nullable Backend backend;

  /** What its function was when it was handed in; set by the scheduler. */
  @Nullable Function function;

  /** Neighbours in the list of those who wait in its class, in the order of arrival. */
  @Nullable Invocation older;

  @Nullable Invocation younger;

  /**
   * A request that has just arrived.
   *
   * @param revision which function it is for
   * @param classes the scheduler's
   * @param priceClass name of the class that it runs in
   * @param arrivedNanos when it arrived: its time waited counts from here
   * @param number its number in the order of arrival
   * @throws IllegalArgumentException if its class is not known
   */
  public Invocation(
      RevisionKey revision, PriceTable classes, String priceClass, long arrivedNanos, long number) {
    super(laneOf(classes, priceClass), arrivedNanos, number);
    this.revision = revision;
    this.priceClass = priceClass;
  }

  private static int laneOf(PriceTable classes, String priceClass) {
    int lane = classes.lane(priceClass);
    if (lane < 0) {
      throw new IllegalArgumentException("there is no price class '%s'".formatted(priceClass));
    }
    return lane;
  }

  /** Which function it is for. */
  public final RevisionKey revision() {
    return revision;
  }

  /** Name of the class that it runs in. */
  public final String priceClass() {
    return priceClass;
  }

  /** Whether it waits for a pod. */
  public final boolean isWaiting() {
    return state == State.WAITING;
  }

  /** Whether a pod has it. */
  public final boolean isRunning() {
    return state == State.RUNNING;
  }

  /** The pod that has it; null while none has. */
  public final @Nullable PodAddress pod() {
    return backend == null ? null : backend.address;
  }
}
