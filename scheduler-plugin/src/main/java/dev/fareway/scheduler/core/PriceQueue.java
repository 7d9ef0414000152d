package dev.fareway.scheduler.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The paper's multi queue (section 3.2): one FIFO per price class, ordered by age, so that an
 * instance that comes back after a restart or a failed binding keeps its turn.
 *
 * <p>Next is the head with the highest price × time waited. Example: a head of price 2,000 that has
 * waited 1 s scores 2,000; a head of price 500 that has waited 5 s scores 2,500 and goes first.
 * Ties go to the higher price, then to the older head, then to the one that arrived first.
 *
 * <p>Finding the next costs one comparison a class. Not thread-safe.
 */
final class PriceQueue {
  private final QueueDiscipline discipline;
  private final PriceTable prices;
  private AgeQueue[] lanes = {};
  private int size;

  PriceQueue(QueueDiscipline discipline, PriceTable prices) {
    this.discipline = discipline;
    this.prices = prices;
  }

  /** Adds an instance in the place of its age. */
  void add(Ticket ticket) {
    if (ticket.lane >= lanes.length) {
      int before = lanes.length;
      lanes = Arrays.copyOf(lanes, prices.size());
      Arrays.setAll(lanes, lane -> lane < before ? lanes[lane] : new AgeQueue());
    }
    lanes[ticket.lane].add(ticket);
    size++;
  }

  /** Takes an instance out, wherever it stands in this queue. */
  void remove(Ticket ticket) {
    lanes[ticket.lane].remove(ticket);
    size--;
  }

  /** The next instance, left in the queue; null if none waits. */
  @Nullable Ticket peek(long nowNanos) {
    Ticket best = null;
    for (AgeQueue lane : lanes) {
      Ticket head = lane.first();
      if (head != null && (best == null || goesBefore(head, best, nowNanos))) {
        best = head;
      }
    }
    return best;
  }

  /** Takes the next instance; null if none waits. */
  @Nullable Ticket poll(long nowNanos) {
    Ticket next = peek(nowNanos);
    if (next != null) {
      remove(next);
    }
    return next;
  }

  /** How many wait, over all classes. */
  int size() {
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
  boolean goesBefore(Ticket a, Ticket b, long nowNanos) {
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

  /** Time waited; a creation time ahead of our clock counts as none. */
  private static long waited(Ticket ticket, long nowNanos) {
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
