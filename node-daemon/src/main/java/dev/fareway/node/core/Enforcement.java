package dev.fareway.node.core;

import java.util.Optional;

/**
 * What is in force on this node, and why: the choice between real time and weights.
 *
 * @param kind what is in force
 * @param byWeight whether pods get a cpu.weight
 * @param byThread whether threads off real time are ordered one by one: the cheapest class by
 *     SCHED_IDLE, and the others by nice value where pods can't be given a cpu.weight
 * @param message why, in a sentence for the node's condition
 */
public record Enforcement(Kind kind, boolean byWeight, boolean byThread, String message) {
  /** What is in force. */
  public enum Kind {
    REAL_TIME("RealTime"),
    WEIGHTED("Weighted"),
    OFF("Off"),
    UNAVAILABLE("Unavailable");

    private final String reason;

    Kind(String reason) {
      this.reason = reason;
    }

    /** The condition's reason. */
    public String reason() {
      return reason;
    }

    /** Whether anything is enforced. */
    public boolean isInForce() {
      return this == REAL_TIME || this == WEIGHTED;
    }
  }

  /** Chooses. A mode that can't be had falls back to the next best and says so. */
  public static Enforcement choose(Mode mode, Capabilities can) {
    if (mode == Mode.OFF) {
      return new Enforcement(Kind.OFF, false, false, "Switched off by --mode Off.");
    }
    if (can.cgroups().isPresent()) {
      return new Enforcement(
          Kind.UNAVAILABLE,
          false,
          false,
          "Functions can't be found: %s.".formatted(can.cgroups().get()));
    }
    boolean byWeight = can.weights().isEmpty();
    boolean idle = can.idle().isEmpty();
    if (mode != Mode.WEIGHTED && can.realTime().isEmpty()) {
      return new Enforcement(
          Kind.REAL_TIME,
          byWeight,
          idle,
          "Threads run by SCHED_FIFO in the order of their class; the cheapest class gets what is left.");
    }
    String noRealTime =
        mode == Mode.WEIGHTED
            ? "asked for by --mode Weighted"
            : "SCHED_FIFO is not to be had: " + can.realTime().orElse("");
    if (byWeight) {
      return new Enforcement(
          Kind.WEIGHTED,
          true,
          idle,
          "Pods run by cpu.weight in the order of their class (%s).".formatted(noRealTime));
    }
    if (idle) {
      return new Enforcement(
          Kind.WEIGHTED,
          false,
          true,
          "Threads run by nice value in the order of their class, the cheapest by SCHED_IDLE (%s; cpu.weight is not to be had: %s)."
              .formatted(noRealTime, can.weights().orElse("")));
    }
    return new Enforcement(
        Kind.UNAVAILABLE,
        false,
        false,
        "Neither real time nor weights are to be had: %s; %s; %s."
            .formatted(noRealTime, can.weights().orElse(""), can.idle().orElse("")));
  }

  /**
   * Whether more may be to be had later, by no change of the kernel or of what was asked for: where
   * cgroups could not be written.
   */
  public boolean mayImprove() {
    return kind == Kind.UNAVAILABLE || (kind == Kind.WEIGHTED && !byWeight);
  }

  /** What a container of a pod of this standing gets. */
  public ThreadPolicy threadPolicy(ClassStanding standing, boolean sidecar, int realTimeFloor) {
    Optional<Integer> priority =
        standing.realtimePriority().isPresent() && standing.rank() >= realTimeFloor
            ? Optional.of(standing.realtimePriority().getAsInt())
            : Optional.empty();
    if (kind == Kind.REAL_TIME && priority.isPresent()) {
      // Its requests pass through the sidecar: one above, or the function's own work would hold it
      // up.
      return new ThreadPolicy.RealTime(priority.get() + (sidecar ? 1 : 0));
    }
    if (!kind.isInForce() || !byThread) {
      return new ThreadPolicy.Normal();
    }
    if (standing.rank() == 0) {
      return new ThreadPolicy.Idle();
    }
    return byWeight ? new ThreadPolicy.Normal() : ThreadPolicy.Nice.ofWeight(standing.cpuWeight());
  }

  /** What a pod of this standing gets as a whole. */
  public PodShare podShare(ClassStanding standing) {
    if (!kind.isInForce() || !byWeight) {
      return new PodShare.Untouched();
    }
    return standing.rank() == 0 ? new PodShare.Idle() : new PodShare.Weight(standing.cpuWeight());
  }
}
