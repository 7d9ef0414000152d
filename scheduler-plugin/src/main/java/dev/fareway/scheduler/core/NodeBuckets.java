package dev.fareway.scheduler.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Nodes in the order of choice, so that the best is found, and a node moved, at a cost that does
 * not grow with their number. Not thread-safe.
 *
 * <p>Nodes with equally many functions share a page; on it, those whose available memory is about
 * the same share a bucket. Memory counts in steps of at most a sixteenth: finer differences are
 * gone by the time the node hears of the decision. Of one bucket, who came last is taken first.
 * Which pages and buckets hold anyone stands in bit sets, so that finding the first takes a few
 * instructions and no search.
 *
 * <p>A node's load changes under the buckets' eyes: after every change {@link #moved} must be
 * called before the next look.
 *
 * <p>Shaped by speed: a bucket is an array and not a linked list, because taking a node out of a
 * list writes to its two neighbours, which are in no cache when there are many nodes.
 */
final class NodeBuckets {
  /**
   * How many nodes are looked at, best first, for one that admits an instance, before giving up on
   * these.
   */
  static final int MAX_LOOKS = 64;

  /** Binary digits of the memory that count. */
  private static final int DIGITS = 4;

  /** Steps of memory: from 0 to {@link NodeState#MOST_MEMORY}, in MiB. */
  private static final int STEPS = stepOf(NodeState.MOST_MEMORY) + 1;

  /** So many nodes are brought into a cache at a time. */
  private static final int FETCHED = 16;

  private @Nullable Page[] pages = new Page[16];

  /** Which pages hold anyone; and which of its words are not 0. */
  private final BitTree used = new BitTree(NodeState.MOST_FUNCTIONS + 1);

  private int size;

  private @Nullable Prefetch prefetch;

  /** How many of those that were fetched may still be the best. */
  private int fetched;

  /** How many nodes {@link #bestAdmitted} has looked at, ever. */
  private long looks;

  int size() {
    return size;
  }

  long looks() {
    return looks;
  }

  void add(NodeState node) {
    node.buckets = this;
    insert(node);
    size++;
  }

  void remove(NodeState node) {
    takeOut(node);
    node.buckets = null;
    node.bucketKey = -1;
    size--;
  }

  /** Puts a node whose load has changed where it now belongs. */
  void moved(NodeState node) {
    if (node.bucketKey != keyOf(node)) {
      takeOut(node);
      insert(node);
    }
  }

  /**
   * The best node that has not expired and admits the instance, or null if there is none among the
   * first {@link #MAX_LOOKS}.
   */
  @Nullable NodeState bestAdmitted(Eligibility eligibility, Room needs, long nowNanos) {
    int looked = 0;
    if (size >= Prefetch.MANY_NODES && --fetched < 0) {
      fetch();
    }
    for (int functions = used.next(0); functions >= 0; functions = used.next(functions + 1)) {
      Page page = page(functions);
      for (int place = page.used.next(0); place >= 0; place = page.used.next(place + 1)) {
        Bucket bucket = page.bucket(place);
        for (int i = bucket.size - 1; i >= 0; i--) {
          NodeState node = bucket.at(i);
          looks++;
          if (node.expiresAtNanos > nowNanos && eligibility.admits(node, needs)) {
            return node;
          }
          if (++looked == MAX_LOOKS) {
            return null;
          }
        }
      }
    }
    return null;
  }

  /** Brings those that are next in the order of choice into a cache. */
  private void fetch() {
    if (prefetch == null) {
      prefetch = new Prefetch(FETCHED);
    }
    fetched = FETCHED;
    prefetch.read(first(prefetch.nodes));
  }

  /** Some, or all, in the order of choice; a copy. */
  NodeState[] first(int most) {
    var found = new NodeState[Math.min(most, size)];
    first(found);
    return found;
  }

  /** As many as there is space for, or all, in the order of choice; returns how many. */
  private int first(@Nullable NodeState[] into) {
    int count = 0;
    for (int functions = used.next(0); functions >= 0; functions = used.next(functions + 1)) {
      Page page = page(functions);
      for (int place = page.used.next(0); place >= 0; place = page.used.next(place + 1)) {
        Bucket bucket = page.bucket(place);
        for (int i = bucket.size - 1; i >= 0; i--) {
          if (count == into.length) {
            return count;
          }
          into[count++] = bucket.at(i);
        }
      }
    }
    return count;
  }

  /** Gives back the memory of pages that hold no one. */
  void trim() {
    for (int functions = 0; functions < pages.length; functions++) {
      Page page = pages[functions];
      if (page != null && page.size == 0) {
        pages[functions] = null;
      }
    }
  }

  /** Whether each node stands where it says and where it belongs. */
  boolean isSound() {
    NodeState[] all = first(size);
    int before = -1;
    for (NodeState node : all) {
      Bucket bucket = page(node.bucketKey / STEPS).bucket(node.bucketKey % STEPS);
      if (node.buckets != this
          || node.bucketKey != keyOf(node)
          || node.bucketKey < before
          || bucket.at(node.bucketIndex) != node) {
        return false;
      }
      before = node.bucketKey;
    }
    return true;
  }

  private void insert(NodeState node) {
    int key = keyOf(node);
    int functions = key / STEPS;
    if (functions >= pages.length) {
      pages = Arrays.copyOf(pages, Math.max(functions + 1, 2 * pages.length));
    }
    Page page = pages[functions];
    if (page == null) {
      page = new Page();
      pages[functions] = page;
    }
    if (page.size++ == 0) {
      used.set(functions);
    }
    node.bucketKey = key;
    page.add(key % STEPS, node);
  }

  private void takeOut(NodeState node) {
    int functions = node.bucketKey / STEPS;
    Page page = page(functions);
    page.remove(node.bucketKey % STEPS, node);
    if (--page.size == 0) {
      used.clear(functions);
    }
  }

  private Page page(int functions) {
    Page page = pages[functions];
    if (page == null) {
      throw new IllegalStateException("no page of %d functions".formatted(functions));
    }
    return page;
  }

  /** Page and bucket as one number, less is better: the most memory has the first bucket. */
  private static int keyOf(NodeState node) {
    long missing = node.weight & NodeState.MOST_MEMORY;
    return (int) (node.weight >>> NodeState.MEMORY_BITS) * STEPS
        + (STEPS - 1 - stepOf(NodeState.MOST_MEMORY - missing));
  }

  /**
   * The number of a memory's step. Example: 1,000 MiB is 1111101000 in binary; its first digit and
   * the {@value #DIGITS} after it count, so that all from 992 to 1,023 MiB are one step.
   */
  static int stepOf(long bytes) {
    long mebibytes = bytes >>> 20;
    int dropped = Math.max(0, 63 - DIGITS - Long.numberOfLeadingZeros(mebibytes | 1));
    return (dropped << DIGITS) + (int) (mebibytes >>> dropped);
  }

  /** The nodes with equally many functions. */
  private static final class Page {
    private final @Nullable Bucket[] buckets = new Bucket[STEPS];
    final BitTree used = new BitTree(STEPS);
    int size;

    Bucket bucket(int place) {
      Bucket bucket = buckets[place];
      if (bucket == null) {
        throw new IllegalStateException("no bucket at %d".formatted(place));
      }
      return bucket;
    }

    void add(int place, NodeState node) {
      Bucket bucket = buckets[place];
      if (bucket == null) {
        bucket = new Bucket();
        buckets[place] = bucket;
      }
      if (bucket.size == 0) {
        used.set(place);
      }
      bucket.add(node);
    }

    void remove(int place, NodeState node) {
      Bucket bucket = bucket(place);
      bucket.remove(node);
      if (bucket.size == 0) {
        used.clear(place);
      }
    }
  }

  /** Nodes among which there is no choice, in no order. */
  private static final class Bucket {
    private @Nullable NodeState[] nodes = new NodeState[2];
    int size;

    NodeState at(int index) {
      NodeState node = nodes[index];
      if (node == null) {
        throw new IllegalStateException("no node at %d of %d".formatted(index, size));
      }
      return node;
    }

    void add(NodeState node) {
      if (size == nodes.length) {
        nodes = Arrays.copyOf(nodes, 2 * size);
      }
      node.bucketIndex = size;
      nodes[size++] = node;
    }

    void remove(NodeState node) {
      NodeState last = at(--size);
      nodes[size] = null;
      if (last != node) {
        nodes[node.bucketIndex] = last;
        last.bucketIndex = node.bucketIndex;
      }
    }
  }
}
