package dev.fareway.simulator.trace;

import dev.fareway.simulator.engine.Workload;
import dev.fareway.simulator.workload.PaperWorkload.MemoryRange;
import dev.fareway.simulator.workload.PriceClasses;

/** What a platform recorded, read and ready to be invoked again. Immutable: runs may share it. */
public sealed interface Trace permits RecordedTrace, CountedTrace {
  /** How long it is. */
  long durationNanos();

  /** How many functions are invoked. */
  int functions();

  /** How many invocations there are. */
  long invocations();

  /** CPU time that all of them take, in nanoseconds; an estimate where the trace has quantiles. */
  double cpuNanos();

  /**
   * The invocations, each of a price class that belongs to its function. No trace knows price
   * classes: they are drawn for each function by the classes' shares, those that are called over
   * HTTP from the upper half where the trace tells triggers, the others from the lower half.
   *
   * @param speed how many times as quickly as recorded they arrive; run times stay
   * @param memory from which an invocation's memory is drawn where the trace knows none
   * @param seed the same one gives the same workload
   */
  Workload replay(double speed, PriceClasses classes, MemoryRange memory, long seed);
}
