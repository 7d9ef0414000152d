package dev.fareway.scheduler.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
public final class PriceQueue {
  private final QueueDiscipline discipline;
  private final int limit;
  private final Map<String, ClassQueue> byName = new HashMap<>();

  /** The same queues as an array: the hot path iterates without an iterator. */
  private ClassQueue[] queues = {};

  private int size;

  /**
   * An empty queue.
   *
   * @param discipline which head is next
   * @param limit how many instances it holds at most, 1 or more
   */
  public PriceQueue(QueueDiscipline discipline, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException(
          "queue limit is %d, it must be 1 or more".formatted(limit));
    }
    this.discipline = discipline;
    this.limit = limit;
  }

  /**
   * Says which classes there are and what they cost now. Instances that wait in a class that is
   * gone are taken out.
   *
   * @return those taken out
   */
  public List<Ticket> classes(Collection<PricedClass> classes) {
    var named = new HashMap<String, PricedClass>();
    classes.forEach(priced -> named.put(priced.name(), priced));
    var orphans = new ArrayList<Ticket>();
    for (var entry : List.copyOf(byName.entrySet())) {
      if (!named.containsKey(entry.getKey())) {
        byName.remove(entry.getKey());
        TicketHeap heap = entry.getValue().heap;
        for (Ticket first = heap.first(); first != null; first = heap.first()) {
          heap.remove(first);
          orphans.add(first);
        }
      }
    }
    for (PricedClass priced : named.values()) {
      byName.computeIfAbsent(priced.name(), _ -> new ClassQueue()).price = priced.priceNanoUnits();
    }
    queues = byName.values().toArray(ClassQueue[]::new);
    size -= orphans.size();
    return orphans;
  }

  /** Whether there is a class of this name. */
  public boolean knows(String priceClass) {
    return byName.containsKey(priceClass);
  }

  /**
   * Adds an instance in the place of its age.
   *
   * @return false if the queue is full
   * @throws IllegalArgumentException if its class is not known
   */
  public boolean add(Ticket ticket) {
    ClassQueue queue = byName.get(ticket.instance.priceClass());
    if (queue == null) {
      throw new IllegalArgumentException(
          "price class '%s' of %s is not among %s"
              .formatted(ticket.instance.priceClass(), ticket.instance.uid(), byName.keySet()));
    }
    if (size >= limit) {
      return false;
    }
    queue.heap.add(ticket);
    size++;
    return true;
  }

  /** Puts an instance back that was here before: whatever the limit, in the place of its age. */
  void restore(Ticket ticket) {
    ClassQueue queue = byName.get(ticket.instance.priceClass());
    if (queue == null) {
      throw new IllegalStateException(
          "price class '%s' is gone".formatted(ticket.instance.priceClass()));
    }
    queue.heap.add(ticket);
    size++;
  }

  /** Takes an instance out, wherever it stands. */
  public void remove(Ticket ticket) {
    ClassQueue queue = byName.get(ticket.instance.priceClass());
    if (queue != null && ticket.heapIndex >= 0) {
      queue.heap.remove(ticket);
      size--;
    }
  }

  /** The next instance, left in the queue; null if none waits. */
  public @Nullable Ticket peek(long nowNanos) {
    Ticket best = null;
    long bestPrice = 0;
    for (ClassQueue queue : queues) {
      Ticket head = queue.heap.first();
      if (head != null
          && (best == null || goesBefore(head, queue.price, best, bestPrice, nowNanos))) {
        best = head;
        bestPrice = queue.price;
      }
    }
    return best;
  }

  /** Takes the next instance; null if none waits. */
  public @Nullable Ticket poll(long nowNanos) {
    Ticket next = peek(nowNanos);
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
  public int size(String priceClass) {
    ClassQueue queue = byName.get(priceClass);
    return queue == null ? 0 : queue.heap.size();
  }

  private boolean goesBefore(Ticket a, long priceA, Ticket b, long priceB, long nowNanos) {
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
    return Math.max(0, nowNanos - ticket.instance.createdNanos());
  }

  /**
   * Compares a × b with c × d, all 0 or more, in 128 bits: prices and waits have no bound that
   * would save an overflow.
   */
  private static int compareProducts(long a, long b, long c, long d) {
    int high = Long.compare(Math.multiplyHigh(a, b), Math.multiplyHigh(c, d));
    return high != 0 ? high : Long.compareUnsigned(a * b, c * d);
  }

  private static final class ClassQueue {
    final TicketHeap heap = new TicketHeap();
    long price;
  }
}
