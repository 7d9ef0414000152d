package dev.fareway.simulator.engine;

/**
 * A global scheduler under simulation: every function that arrives is placed on a machine, by
 * {@link Simulation#place} or {@link Simulation#send}, now or later.
 */
public interface Scheduler {
  /** A function has arrived. */
  void arrived(int function);

  /** A function has reached its machine. */
  default void placed(int function, int machine) {}

  /**
   * A function has ended on a machine, finished or killed; its row is given back when this returns.
   */
  default void ended(int function, int machine) {}

  /** What {@link Simulation#later} was asked for is due. */
  default void due(int subject, long detail) {}
}
