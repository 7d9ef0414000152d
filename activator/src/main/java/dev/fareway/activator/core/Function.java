package dev.fareway.activator.core;

import dev.fareway.scheduler.core.PriceQueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the scheduler knows of one function: its pods, and who waits for them. */
final class Function {
  /** How many pods with room are compared before one is chosen. */
  private static final int CHOICES = 3;

  final RevisionKey key;
  final List<Backend> backends = new ArrayList<>();

  /** Pods that are gone while something runs there: one that comes back is not empty. */
  final List<Backend> leaving = new ArrayList<>();

  /** Invocations that run, on pods that are gone too. */
  int running;

  /** Who waits; null while no one does, since most functions are idle most of the time. */
  @Nullable PriceQueue<Invocation> queue;

  private int cursor;

  Function(RevisionKey key) {
    this.key = key;
  }

  int waiting() {
    return queue == null ? 0 : queue.size();
  }

  /** Whether nothing would be lost if it were forgotten. */
  boolean isIdle() {
    return backends.isEmpty() && running == 0 && waiting() == 0;
  }

  /**
   * A pod that can take one more on a node that can: the one with the fewest invocations of the
   * next three with room, in turn. Null if there is none.
   */
  @Nullable Backend choose() {
    Backend best = null;
    int seen = 0;
    int count = backends.size();
    int start = cursor < count ? cursor : 0;
    for (int i = 0; i < count && seen < CHOICES; i++) {
      int index = start + i < count ? start + i : start + i - count;
      Backend backend = backends.get(index);
      if (backend.hasRoom() && backend.node.hasRoom()) {
        seen++;
        if (best == null || backend.running < best.running) {
          best = backend;
          cursor = index + 1;
        }
      }
    }
    return best;
  }
}
