package dev.fareway.activator.core;

import dev.fareway.scheduler.core.QueueDiscipline;

/**
 * How the invocation scheduler orders and bounds what waits.
 *
 * @param discipline who is next
 * @param perClass how many invocations of one class wait at most, over all functions; 1 or more
 * @param total how many wait at most over all classes; 1 or more
 */
public record SchedulerLimits(QueueDiscipline discipline, int perClass, int total) {
  public SchedulerLimits {
    if (perClass < 1 || total < 1) {
      throw new IllegalArgumentException(
          "queue of %d a class and %d in all: both must be 1 or more".formatted(perClass, total));
    }
  }
}
