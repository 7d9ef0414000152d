package dev.fareway.simulator.experiment;

/** Is told how far an experiment is. Called from several threads. */
public interface Progress {
  /** Nobody wants to know. */
  Progress NONE = _ -> {};

  /** So many more steps are done. */
  void step(long steps);
}
