package dev.fareway.scheduler.core;

/**
 * How a shard works.
 *
 * @param discipline which head of the queue is next
 * @param queueLimit how many instances may wait, 1 or more
 * @param k how many nodes are asked when the idle list has none, 1 or more
 * @param entryTtlNanos after which an idle-list entry that was not renewed expires, more than 0
 * @param firstRetryNanos about how long the first failed binding waits; doubled by each further
 *     one, more than 0
 * @param maxRetryNanos the longest wait, not less than the first
 * @param preemption whether dearer instances may have cheaper ones evicted
 * @param nominationNanos how long an instance waits for others to leave the node that it was
 *     promised, more than 0
 * @param reconsiderNanos why instances of one kind fit nowhere is worked out at most this often, 0
 *     or more; and how often it is looked for cheaper ones to evict
 */
public record ShardOptions(
    QueueDiscipline discipline,
    int queueLimit,
    int k,
    long entryTtlNanos,
    long firstRetryNanos,
    long maxRetryNanos,
    boolean preemption,
    long nominationNanos,
    long reconsiderNanos) {
  /**
   * Price × wait, a million waiting, k = 3, entries of 15 s, retries after 50 ms to 10 s, reasons a
   * second old.
   */
  public static final ShardOptions DEFAULTS =
      new ShardOptions(
          QueueDiscipline.PRICE_TIMES_WAIT,
          1_000_000,
          3,
          15_000_000_000L,
          50_000_000L,
          10_000_000_000L,
          true,
          90_000_000_000L,
          1_000_000_000L);

  public ShardOptions {
    if (queueLimit < 1
        || k < 1
        || entryTtlNanos < 1
        || firstRetryNanos < 1
        || maxRetryNanos < firstRetryNanos
        || nominationNanos < 1
        || reconsiderNanos < 0) {
      throw new IllegalArgumentException(
          "queueLimit %d, k %d, entryTtlNanos %d, firstRetryNanos %d, maxRetryNanos %d, nominationNanos %d, reconsiderNanos %d: out of range"
              .formatted(
                  queueLimit,
                  k,
                  entryTtlNanos,
                  firstRetryNanos,
                  maxRetryNanos,
                  nominationNanos,
                  reconsiderNanos));
    }
  }
}
