package dev.fareway.operator.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The latest decisions, so many and no more. One thread writes and never waits; any may read. A
 * reader may see one that was made while it read, and then not the oldest.
 */
final class DecisionRing {
  /** How many are kept: a minute or more of a calm cluster, what fits a page of a busy one. */
  static final int SIZE = 256;

  private final AtomicReferenceArray<Decision> ring = new AtomicReferenceArray<>(SIZE);
  private volatile long written;

  /** On the one writing thread. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void add(Decision decision) {
    ring.setRelease((int) (written % SIZE), decision);
    written++;
  }

  /** The latest first. */
  List<Decision> latest() {
    long end = written;
    var found = new ArrayList<Decision>();
    for (long at = end - 1; at >= Math.max(0, end - SIZE); at--) {
      Decision decision = ring.getAcquire((int) (at % SIZE));
      if (decision != null) {
        found.add(decision);
      }
    }
    return found;
  }
}
