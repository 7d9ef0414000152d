package dev.fareway.simulator.engine;

import dev.fareway.simulator.machine.Functions;

/** What is kept of a simulation. */
public interface Recorder {
  /** A function has ended, finished or killed. */
  void ended(Functions functions, int function, long nowNanos);

  /** It is time to look at the machines. */
  default void sampled(Simulation simulation) {}
}
