package dev.fareway.node.core;

import java.util.OptionalLong;

/** Port: asks the API server to end a pod as an eviction, which honours disruption budgets. */
public interface PodEvictions {
  /** What became of it. */
  sealed interface Outcome {
    /** The pod ends, within its grace period. */
    record Accepted() implements Outcome {}

    /** There is no such pod any more: nothing is left to do. */
    record Gone() implements Outcome {}

    /** Not now, a disruption budget forbids it: try again later. */
    record Refused(String why) implements Outcome {}

    /** The API server could not be asked, or failed. */
    record Failed(String why) implements Outcome {}
  }

  /**
   * Asks once, and waits for the answer: at most some seconds, so not on a thread that enforces.
   *
   * @param graceSeconds how long the pod may take to end; empty: as it says itself
   */
  Outcome evict(PodRef pod, OptionalLong graceSeconds);
}
