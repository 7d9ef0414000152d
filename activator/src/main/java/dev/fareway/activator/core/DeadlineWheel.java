package dev.fareway.activator.core;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Deadlines of many requests in one place: setting, moving and clearing one costs the same however
 * many there are, and takes no memory of its own.
 *
 * <p>A hashed wheel: each deadline is in the slot of its tick, modulo the number of slots; those of
 * later rounds are passed over. A deadline is found up to one tick after it has passed, never
 * before. One that only moves further away stays in its slot and is moved when its slot is passed,
 * so that moving it with each chunk of a stream costs one write. Not thread-safe.
 */
public final class DeadlineWheel {
  private static final int SLOTS = 512;

  private final long tickNanos;
  private final @Nullable Deadline[] slots = new @Nullable Deadline[SLOTS];
  private long doneTick;
  private int size;

  /**
   * An empty wheel.
   *
   * @param tickNanos how fine it looks, 1 or more
   * @param nowNanos the time
   */
  public DeadlineWheel(long tickNanos, long nowNanos) {
    if (tickNanos < 1) {
      throw new IllegalArgumentException(
          "tick is %d ns, it must be 1 or more".formatted(tickNanos));
    }
    this.tickNanos = tickNanos;
    doneTick = Math.floorDiv(nowNanos, tickNanos);
  }

  /** Sets a deadline, or moves it. */
  public void set(Deadline deadline, long dueNanos) {
    if (deadline.slot >= 0 && dueNanos >= deadline.dueNanos) {
      deadline.dueNanos = dueNanos;
      return;
    }
    clear(deadline);
    deadline.dueNanos = dueNanos;
    insert(deadline);
    size++;
  }

  /** Clears a deadline; nothing if it isn't set. */
  public void clear(Deadline deadline) {
    if (deadline.slot >= 0) {
      unlink(deadline);
      size--;
    }
  }

  /** How many are set. */
  public int size() {
    return size;
  }

  /** Takes out all that have passed and hands them over. They may be set again, and others too. */
  public void expire(long nowNanos, Consumer<Deadline> due) {
    long nowTick = Math.floorDiv(nowNanos, tickNanos);
    long from = Math.max(doneTick, nowTick - SLOTS);
    doneTick = nowTick;
    Deadline passed = null;
    for (long tick = from; tick < nowTick; tick++) {
      Deadline next = slots[slotOf(tick)];
      while (next != null) {
        Deadline each = next;
        next = each.next;
        if (each.dueNanos <= nowNanos) {
          unlink(each);
          size--;
          each.next = passed;
          passed = each;
        } else if (slotOf(tickOf(each)) != each.slot) {
          unlink(each);
          insert(each);
        }
      }
    }
    while (passed != null) {
      Deadline each = passed;
      passed = each.next;
      each.next = null;
      due.accept(each);
    }
  }

  private long tickOf(Deadline deadline) {
    return Math.max(doneTick, Math.floorDiv(deadline.dueNanos, tickNanos));
  }

  private static int slotOf(long tick) {
    return (int) Math.floorMod(tick, (long) SLOTS);
  }

  private void insert(Deadline deadline) {
    int slot = slotOf(tickOf(deadline));
    Deadline first = slots[slot];
    deadline.slot = slot;
    deadline.previous = null;
    deadline.next = first;
    if (first != null) {
      first.previous = deadline;
    }
    slots[slot] = deadline;
  }

  private void unlink(Deadline deadline) {
    if (deadline.previous != null) {
      deadline.previous.next = deadline.next;
    } else {
      slots[deadline.slot] = deadline.next;
    }
    if (deadline.next != null) {
      deadline.next.previous = deadline.previous;
    }
    deadline.previous = null;
    deadline.next = null;
    deadline.slot = -1;
  }

  /** One deadline; the host extends it by what to do when it has passed. */
  public abstract static class Deadline {
    private long dueNanos;
    private int slot = -1;
    private @Nullable Deadline previous;
    private @Nullable Deadline next;

    /** One that isn't set. */
    protected Deadline() {}

    /** Whether it is set. */
    public final boolean isSet() {
      return slot >= 0;
    }
  }
}
