package dev.fareway.scheduler.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The paper's multi queue (section 3.2): one FIFO per price class, ordered by age, so that an
 * instance that comes back after a restart or a failed binding keeps its turn. Requests in front of
 * an activator wait in the same order.
 *
 * <p>Next is the head with the highest price × time waited. Example: a head of price 2,000 that has
 * waited 1 s scores 2,000; a head of price 500 that has waited 5 s scores 2,500 and goes first.
 * Ties go to the higher price, then to the older head, then to the one that arrived first.
 *
 * <p>Finding the next costs one comparison a class. Not thread-safe.
 *
 * @param <T> what waits; it stands in one queue at a time
 */
public final class PriceQueue<T extends Queueable> {
  private final QueueDiscipline discipline;
  private final PriceTable prices;
  private AgeQueue[] lanes = {};
  private int size;

  /**
   * An empty queue.
   *
   * @param discipline which head is next
   * @param prices what the classes cost; it may change at any time
   */
  public PriceQueue(QueueDiscipline discipline, PriceTable prices) {
    this.discipline = discipline;
    this.prices = prices;
  }

  /** Adds an instance in the place of its age. */
  public void add(T ticket) {
    if (ticket.lane >= lanes.length) {
      int before = lanes.length;
      lanes = Arrays.copyOf(lanes, prices.size());
      Arrays.setAll(lanes, lane -> lane < before ? lanes[lane] : new AgeQueue());
    }
    lanes[ticket.lane].add(ticket);
    size++;
  }

  /** Takes an instance out, wherever it stands in this queue. */
  public void remove(T ticket) {
    lanes[ticket.lane].remove(ticket);
    size--;
  }

  /** The next instance, left in the queue; null if none waits. */
  public @Nullable T peek(long nowNanos) {
    Queueable best = null;
    for (AgeQueue lane : lanes) {
      Queueable head = lane.first();
      if (head != null && (best == null || goesBefore(head, best, nowNanos))) {
        best = head;
      }
    }
    return best == null ? null : typed(best);
  }

  /** Takes the next instance; null if none waits. */
  public @Nullable T poll(long nowNanos) {
    T next = peek(nowNanos);
    if (next != null) {
      remove(next);
    }
    return next;
  }

  /** How many wait, over all classes. */
  public int size() {
    return size;
  }

  /** How many wait in one class. */
  int size(int lane) {
    return lane >= 0 && lane < lanes.length ? lanes[lane].size() : 0;
  }

  boolean isSound() {
    int sum = 0;
    for (AgeQueue lane : lanes) {
      if (!lane.isSound()) {
        return false;
      }
      sum += lane.size();
    }
    return sum == size;
  }

  /** Whether a head goes before another one, by the discipline. */
  public boolean goesBefore(Queueable a, Queueable b, long nowNanos) {
    long priceA = prices.price(a.lane);
    long priceB = prices.price(b.lane);
    if (discipline == QueueDiscipline.PRICE_TIMES_WAIT) {
      int order = compareProducts(priceA, waited(a, nowNanos), priceB, waited(b, nowNanos));
      if (order != 0) {
        return order > 0;
      }
    }
    return priceA != priceB ? priceA > priceB : a.isBefore(b);
  }

  /** Only what was added is in the lanes. */
  @SuppressWarnings("unchecked")
  private T typed(Queueable queued) {
    return (T) queued;
  }

  /** Time waited; a creation time ahead of our clock counts as none. */
  private static long waited(Queueable ticket, long nowNanos) {
    return Math.max(0, nowNanos - ticket.createdNanos);
  }

  /**
   * Compares a × b with c × d, all 0 or more, in 128 bits: prices and waits have no bound that
   * would save an overflow.
   */
  private static int compareProducts(long a, long b, long c, long d) {
    int high = Long.compare(Math.multiplyHigh(a, b), Math.multiplyHigh(c, d));
    return high != 0 ? high : Long.compareUnsigned(a * b, c * d);
  }
}
