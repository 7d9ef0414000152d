package dev.fareway.scheduler.core;

/** Which of the heads of a {@link PriceQueue} is next. */
public enum QueueDiscipline {
  /**
   * The head with the highest price × time waited, so that a class which pays half waits at most
   * twice as long (the paper's ratio of price class to time in the queue, section 3.2).
   */
  PRICE_TIMES_WAIT,
  /** The head of the dearest class: the cheap may starve. */
  STRICT_PRICE
}
