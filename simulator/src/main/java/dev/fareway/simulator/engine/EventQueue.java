package dev.fareway.simulator.engine;

import java.util.Arrays;

/**
 * The events to come, in the order of their time; events of one time come in the order in which
 * they were set. Times are nanoseconds of simulated time.
 *
 * <p>An event has a slot. A lasting slot ({@link #slot}) has one time at most, which can be moved
 * or cleared: a machine has one for whatever it will do next, so that no event is ever out of date.
 * A slot made by {@link #once} is given back when it is due.
 *
 * <p>Shaped by speed: a 4-ary heap over arrays of primitives, in which the keys lie beside each
 * other so that a level costs one or two cache lines. It allocates only when it grows. Not
 * thread-safe.
 */
public final class EventQueue {
  private static final int ARITY = 4;
  private static final int NOT_SET = -1;

  private long[] times;
  private long[] orders;
  private int[] slots;
  private int size;

  private int[] positions;
  private int[] kinds;
  private int[] subjects;
  private long[] details;
  private boolean[] lasting;
  private int slotCount;
  private int firstFree = -1;

  private long nextOrder;
  private long nowNanos;
  private int kind;
  private int subject;
  private long detail;
  private long taken;

  /** An empty queue at time 0. */
  public EventQueue() {
    times = new long[64];
    orders = new long[64];
    slots = new int[64];
    positions = new int[64];
    kinds = new int[64];
    subjects = new int[64];
    details = new long[64];
    lasting = new boolean[64];
  }

  /**
   * A lasting slot, without a time as yet.
   *
   * @param kind what its events are, for the one who takes them
   * @param subject whom they are about
   */
  public int slot(int kind, int subject) {
    int slot = newSlot(kind, subject, 0);
    lasting[slot] = true;
    return slot;
  }

  /**
   * Gives a lasting slot a time, in place of the one it has.
   *
   * @throws IllegalArgumentException if the time is past
   */
  public void set(int slot, long timeNanos) {
    if (timeNanos < nowNanos) {
      throw new IllegalArgumentException(
          "an event at %d ns, but it is %d ns already".formatted(timeNanos, nowNanos));
    }
    int position = positions[slot];
    if (position == NOT_SET) {
      if (size == times.length) {
        times = Arrays.copyOf(times, 2 * size);
        orders = Arrays.copyOf(orders, 2 * size);
        slots = Arrays.copyOf(slots, 2 * size);
      }
      position = size++;
    } else if (times[position] == timeNanos) {
      return;
    }
    long order = nextOrder++;
    if (!up(position, timeNanos, order, slot)) {
      down(position, timeNanos, order, slot);
    }
  }

  /** Takes a lasting slot's time away; nothing happens if it has none. */
  public void clear(int slot) {
    int position = positions[slot];
    if (position != NOT_SET) {
      removeAt(position);
    }
  }

  /**
   * Adds an event that comes once.
   *
   * @throws IllegalArgumentException if the time is past
   */
  public void once(long timeNanos, int kind, int subject, long detail) {
    set(newSlot(kind, subject, detail), timeNanos);
  }

  /**
   * Takes the next event; {@link #kind}, {@link #subject} and {@link #detail} tell of it.
   *
   * @return false if there is none
   */
  public boolean next() {
    if (size == 0) {
      return false;
    }
    int slot = slots[0];
    nowNanos = times[0];
    kind = kinds[slot];
    subject = subjects[slot];
    detail = details[slot];
    taken++;
    removeAt(0);
    if (!lasting[slot]) {
      positions[slot] = firstFree;
      firstFree = slot;
    }
    return true;
  }

  /** The time of the last event taken. */
  public long nowNanos() {
    return nowNanos;
  }

  /** The kind of the last event taken. */
  public int kind() {
    return kind;
  }

  /** The subject of the last event taken. */
  public int subject() {
    return subject;
  }

  /** The detail of the last event taken; 0 for lasting slots. */
  public long detail() {
    return detail;
  }

  /** How many events are to come. */
  public int size() {
    return size;
  }

  /** How many events were taken. */
  public long taken() {
    return taken;
  }

  private int newSlot(int kind, int subject, long detail) {
    int slot = firstFree;
    if (slot >= 0) {
      firstFree = positions[slot];
    } else {
      slot = slotCount++;
      if (slot == positions.length) {
        positions = Arrays.copyOf(positions, 2 * slot);
        kinds = Arrays.copyOf(kinds, 2 * slot);
        subjects = Arrays.copyOf(subjects, 2 * slot);
        details = Arrays.copyOf(details, 2 * slot);
        lasting = Arrays.copyOf(lasting, 2 * slot);
      }
    }
    positions[slot] = NOT_SET;
    kinds[slot] = kind;
    subjects[slot] = subject;
    details[slot] = detail;
    return slot;
  }

  private void removeAt(int position) {
    positions[slots[position]] = NOT_SET;
    int last = --size;
    if (position != last && !up(position, times[last], orders[last], slots[last])) {
      down(position, times[last], orders[last], slots[last]);
    }
  }

  /** Whether it went up at all; where it did not, nothing is written. */
  private boolean up(int from, long time, long order, int slot) {
    int position = from;
    while (position > 0) {
      int parent = (position - 1) / ARITY;
      if (!isBefore(time, order, times[parent], orders[parent])) {
        break;
      }
      put(position, times[parent], orders[parent], slots[parent]);
      position = parent;
    }
    if (position == from) {
      return false;
    }
    put(position, time, order, slot);
    return true;
  }

  private void down(int from, long time, long order, int slot) {
    int position = from;
    while (true) {
      int first = ARITY * position + 1;
      if (first >= size) {
        break;
      }
      int best = first;
      int end = Math.min(first + ARITY, size);
      for (int child = first + 1; child < end; child++) {
        if (isBefore(times[child], orders[child], times[best], orders[best])) {
          best = child;
        }
      }
      if (!isBefore(times[best], orders[best], time, order)) {
        break;
      }
      put(position, times[best], orders[best], slots[best]);
      position = best;
    }
    put(position, time, order, slot);
  }

  private void put(int position, long time, long order, int slot) {
    times[position] = time;
    orders[position] = order;
    slots[position] = slot;
    positions[slot] = position;
  }

  private static boolean isBefore(long timeA, long orderA, long timeB, long orderB) {
    return timeA != timeB ? timeA < timeB : orderA < orderB;
  }
}
