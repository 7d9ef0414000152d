package dev.fareway.simulator.workload;

import java.util.List;

/**
 * How much is asked of the cores over time: a step function that ends.
 *
 * @param phases one after the other, at least one
 */
public record LoadProfile(List<Phase> phases) {
  /**
   * A while of one load.
   *
   * @param untilNanos its end, later than that of the phase before
   * @param load CPU time asked for per CPU time there is; 1: all cores; more than 0
   */
  public record Phase(long untilNanos, double load) {
    public Phase {
      if (!(load > 0) || Double.isInfinite(load)) {
        throw new IllegalArgumentException("load is %s, it must be more than 0".formatted(load));
      }
    }
  }

  public LoadProfile {
    phases = List.copyOf(phases);
    long last = 0;
    for (Phase phase : phases) {
      if (phase.untilNanos <= last) {
        throw new IllegalArgumentException(
            "a phase ends at %d ns, the one before at %d ns".formatted(phase.untilNanos, last));
      }
      last = phase.untilNanos;
    }
    if (phases.isEmpty()) {
      throw new IllegalArgumentException("a load needs a phase at least");
    }
  }

  /** The same load all the time. */
  public static LoadProfile constant(double load, long untilNanos) {
    return new LoadProfile(List.of(new Phase(untilNanos, load)));
  }

  /** When it ends. */
  public long endNanos() {
    return phases.getLast().untilNanos;
  }
}
