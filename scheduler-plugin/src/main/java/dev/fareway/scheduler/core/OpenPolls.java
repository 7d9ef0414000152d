package dev.fareway.scheduler.core;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * The candidates that are being asked for their load, each poll under a number. Polls are used
 * again when they are closed, so that asking allocates nothing; numbers are not. Not thread-safe.
 */
final class OpenPolls {
  private static final int SLOT_BITS = 20;

  private final int k;
  private Poll[] polls = {};

  /** Slots of closed polls, as a stack. */
  private int[] free = {};

  private int freeCount;

  OpenPolls(int k) {
    this.k = k;
  }

  /** How many are open. */
  int size() {
    return polls.length - freeCount;
  }

  Poll open(Ticket ticket, @Nullable NodeState[] candidates, int count) {
    if (freeCount == 0) {
      grow();
    }
    Poll poll = polls[free[--freeCount]];
    poll.id += 1L << SLOT_BITS;
    poll.ticket = ticket;
    poll.count = count;
    poll.asked = 0;
    for (int i = 0; i < count; i++) {
      NodeState candidate = candidates[i];
      poll.candidates[i] = candidate;
      if (candidate != null && candidate.reachable) {
        poll.names[poll.asked++] = candidate.name;
      }
    }
    ticket.pollId = poll.id;
    return poll;
  }

  /** The open poll of that number; null if there is none any more. */
  @Nullable Poll find(long id) {
    int slot = (int) id & ((1 << SLOT_BITS) - 1);
    return slot < polls.length && polls[slot].id == id && polls[slot].ticket != null
        ? polls[slot]
        : null;
  }

  void close(Poll poll) {
    poll.ticket = null;
    Arrays.fill(poll.candidates, 0, poll.count, null);
    free[freeCount++] = (int) poll.id & ((1 << SLOT_BITS) - 1);
  }

  private void grow() {
    int before = polls.length;
    int after = Math.max(16, 2 * before);
    if (after > 1 << SLOT_BITS) {
      throw new IllegalStateException("%d polls are open: too many".formatted(before));
    }
    polls = Arrays.copyOf(polls, after);
    free = Arrays.copyOf(free, after);
    for (int slot = before; slot < after; slot++) {
      polls[slot] = new Poll(k, slot);
      free[freeCount++] = slot;
    }
  }

  /** Candidates that are being asked. */
  static final class Poll {
    /** The slot in the lower bits, how often it was used above. */
    long id;

    @Nullable Ticket ticket;
    final @Nullable NodeState[] candidates;
    int count;

    private final String[] names;
    private int asked;
    private final Names view = new Names();

    private Poll(int k, int slot) {
      this.candidates = new NodeState[k];
      this.names = new String[k];
      this.id = slot;
    }

    /** The names of those that can be asked: a view that holds until the poll is closed. */
    List<String> names() {
      return view;
    }

    private final class Names extends AbstractList<String> implements RandomAccess {
      @Override
      public String get(int index) {
        if (index >= asked) {
          throw new IndexOutOfBoundsException(index);
        }
        return names[index];
      }

      @Override
      public int size() {
        return asked;
      }
    }
  }
}
