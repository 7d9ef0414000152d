package dev.fareway.e2e.load;

/**
 * What became of one request. Times are nanoseconds from the start of the load.
 *
 * @param stream index of its class in the plan
 * @param cpuMicros how much CPU time it asked for
 * @param intendedNanos when it was due
 * @param sentNanos when it was sent
 * @param doneNanos when its answer was complete, or when it was given up
 * @param status the HTTP status, or one of the negative codes of this class
 */
public record Sample(
    int stream, int cpuMicros, long intendedNanos, long sentNanos, long doneNanos, int status) {
  /** No answer came within the plan's patience. */
  public static final int UNANSWERED = -1;

  /** The connection failed or was closed before the answer was complete. */
  public static final int BROKEN = -2;

  /** Whether it was answered with success. */
  public boolean succeeded() {
    return status == 200;
  }

  /**
   * From when it was due to its answer, in nanoseconds: what a user waits, however late it went.
   */
  public long latencyNanos() {
    return doneNanos - intendedNanos;
  }
}
