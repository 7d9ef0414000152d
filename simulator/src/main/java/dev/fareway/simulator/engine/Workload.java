package dev.fareway.simulator.engine;

/** What is invoked when: a stream of invocations in the order of their arrival. */
public interface Workload {
  /**
   * Goes on to the next invocation, of which the other methods then tell.
   *
   * @return false at the end
   */
  boolean next();

  /** When it arrives, in nanoseconds of simulated time; never earlier than the one before. */
  long arrivalNanos();

  /** CPU time that it takes, in nanoseconds, 1 or more. */
  long runtimeNanos();

  /** Rank of its price class, 0 the cheapest. */
  int rank();

  /** Which function it is an invocation of, from 0. */
  int kind();

  /** Memory it has grown to at its end, in bytes. */
  long memoryBytes();
}
