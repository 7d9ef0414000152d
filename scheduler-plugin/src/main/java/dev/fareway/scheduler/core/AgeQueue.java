package dev.fareway.scheduler.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The FIFO of one price class, by age. Not thread-safe.
 *
 * <p>Most instances arrive in the order of their age: these stand in a ring, where adding, taking
 * and removing cost the same however many wait. Those that come back (after a restart, a failed
 * binding) go to a heap beside it. The first is the older of the two heads.
 *
 * <p>Invariants: the ring is in order; its head and its end are tickets, not gaps; a gap is where
 * one was removed in between.
 */
final class AgeQueue {
  /** The position of a ticket that stands in no queue. */
  static final long NOWHERE = Long.MIN_VALUE;

  private @Nullable Queueable[] ring = new Queueable[16];
  private long head;
  private long end;
  private int inRing;

  private @Nullable Queueable[] heap = {};
  private int inHeap;

  int size() {
    return inRing + inHeap;
  }

  @Nullable Queueable first() {
    Queueable ringFirst = inRing == 0 ? null : ring[slot(head)];
    if (inHeap == 0) {
      return ringFirst;
    }
    Queueable heapFirst = heapAt(0);
    return ringFirst == null || heapFirst.isBefore(ringFirst) ? heapFirst : ringFirst;
  }

  void add(Queueable ticket) {
    Queueable last = inRing == 0 ? null : ring[slot(end - 1)];
    if (last != null && ticket.isBefore(last)) {
      if (inHeap == heap.length) {
        heap = Arrays.copyOf(heap, Math.max(16, 2 * inHeap));
      }
      up(inHeap++, ticket);
      return;
    }
    if (end - head == ring.length) {
      makeSpace();
    }
    ticket.position = end;
    ring[slot(end++)] = ticket;
    inRing++;
  }

  void remove(Queueable ticket) {
    long position = ticket.position;
    ticket.position = NOWHERE;
    if (position < 0) {
      removeFromHeap((int) (-1 - position));
      return;
    }
    ring[slot(position)] = null;
    inRing--;
    if (inRing == 0) {
      head = end;
      return;
    }
    while (ring[slot(head)] == null) {
      head++;
    }
    while (ring[slot(end - 1)] == null) {
      end--;
    }
  }

  /** Whether everything stands where it says and in its order. */
  boolean isSound() {
    Queueable before = null;
    int seen = 0;
    for (long i = head; i < end; i++) {
      Queueable ticket = ring[slot(i)];
      if (ticket != null) {
        seen++;
        if (ticket.position != i || (before != null && ticket.isBefore(before))) {
          return false;
        }
        before = ticket;
      }
    }
    for (int i = 0; i < inHeap; i++) {
      if (heapAt(i).position != -1 - i || (i > 0 && heapAt(i).isBefore(heapAt((i - 1) >>> 1)))) {
        return false;
      }
    }
    return seen == inRing;
  }

  private int slot(long position) {
    return (int) position & (ring.length - 1);
  }

  /** Closes the gaps; if there are few, doubles the ring. */
  private void makeSpace() {
    var wider = new Queueable[inRing > ring.length / 2 ? 2 * ring.length : ring.length];
    int kept = 0;
    for (long i = head; i < end; i++) {
      Queueable ticket = ring[slot(i)];
      if (ticket != null) {
        ticket.position = kept;
        wider[kept++] = ticket;
      }
    }
    ring = wider;
    head = 0;
    end = kept;
  }

  private Queueable heapAt(int index) {
    Queueable ticket = heap[index];
    if (ticket == null) {
      throw new IllegalStateException("no ticket at %d of %d".formatted(index, inHeap));
    }
    return ticket;
  }

  private void removeFromHeap(int index) {
    Queueable last = heapAt(--inHeap);
    heap[inHeap] = null;
    if (index < inHeap) {
      down(index, last);
      if (last.position == -1L - index) {
        up(index, last);
      }
    }
  }

  private void up(int index, Queueable ticket) {
    int at = index;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      Queueable above = heapAt(parent);
      if (!ticket.isBefore(above)) {
        break;
      }
      put(at, above);
      at = parent;
    }
    put(at, ticket);
  }

  private void down(int index, Queueable ticket) {
    int at = index;
    for (int child = 2 * at + 1; child < inHeap; child = 2 * at + 1) {
      if (child + 1 < inHeap && heapAt(child + 1).isBefore(heapAt(child))) {
        child++;
      }
      Queueable below = heapAt(child);
      if (!below.isBefore(ticket)) {
        break;
      }
      put(at, below);
      at = child;
    }
    put(at, ticket);
  }

  private void put(int index, Queueable ticket) {
    heap[index] = ticket;
    ticket.position = -1L - index;
  }
}
