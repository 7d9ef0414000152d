package dev.fareway.scheduler.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A binary heap of tickets that knows where each stands, so that any can be removed in logarithmic
 * time. First is the one that came first. Not thread-safe.
 */
final class TicketHeap {
  private @Nullable Ticket[] tickets = new Ticket[16];
  private int size;

  int size() {
    return size;
  }

  @Nullable Ticket first() {
    return tickets[0];
  }

  void add(Ticket ticket) {
    if (size == tickets.length) {
      tickets = Arrays.copyOf(tickets, 2 * size);
    }
    up(size++, ticket);
  }

  void remove(Ticket ticket) {
    int index = ticket.heapIndex;
    Ticket last = at(--size);
    tickets[size] = null;
    ticket.heapIndex = -1;
    if (last != ticket) {
      down(index, last);
      if (last.heapIndex == index) {
        up(index, last);
      }
    }
  }

  private Ticket at(int index) {
    Ticket ticket = tickets[index];
    if (ticket == null) {
      throw new IllegalStateException("no ticket at %d of %d".formatted(index, size));
    }
    return ticket;
  }

  private void up(int index, Ticket ticket) {
    int at = index;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      Ticket above = at(parent);
      if (!ticket.isBefore(above)) {
        break;
      }
      put(at, above);
      at = parent;
    }
    put(at, ticket);
  }

  private void down(int index, Ticket ticket) {
    int at = index;
    for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && at(child + 1).isBefore(at(child))) {
        child++;
      }
      Ticket below = at(child);
      if (!below.isBefore(ticket)) {
        break;
      }
      put(at, below);
      at = child;
    }
    put(at, ticket);
  }

  private void put(int index, Ticket ticket) {
    tickets[index] = ticket;
    ticket.heapIndex = index;
  }
}
