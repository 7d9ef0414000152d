package dev.fareway.simulator.machine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Processor sharing: all functions run at once, each at the same speed, min(1, cores / functions);
 * ranks are ignored. What Hermod assumes of a machine, and close to what Linux' default scheduler
 * does with equal weights.
 *
 * <p>Virtual time goes at that speed, so a function ends when virtual time has gone by as much as
 * it needs: arrivals change the speed, and not the order of the ends. Example: two cores, four
 * functions of 10 ms that came at once: the speed is 0.5, all end after 20 ms.
 *
 * <p>With memory: each function grows evenly with the CPU time it gets. Since all run, the kernel
 * swaps them all alike: while more is needed than there is, each turn of {@link #QUANTUM_NANOS} on
 * the cores moves the excess out and in once, and the device's time for that is lost. When swap is
 * full, too, the largest is killed, as the kernel's OOM killer does it.
 */
public final class SharingMachine implements Machine {
  /** Nanoseconds of virtual time by which rounding may be off. */
  private static final double SLACK = 0.01;

  /** How long a function runs at a time. */
  private static final double QUANTUM_NANOS = 100e6;

  /** While it swaps, the speed changes: it is looked at again after this time. */
  private static final long AGAIN_NANOS = 10_000_000L;

  private final Functions functions;
  private final int cores;
  private double[] ends = new double[8];
  private int[] heap = new int[8];
  private int size;
  private final @Nullable Memory memory;

  /** Memory and swap together; beyond, someone is killed. */
  private final double limitBytes;

  /** Bytes that all functions need at this moment. */
  private double neededBytes;

  /** By how much that grows in a nanosecond of virtual time. */
  private double growth;

  private double virtualNanos;
  private long atNanos;

  /**
   * A machine without functions, with as much memory as they like.
   *
   * @param cores 1 or more
   */
  public SharingMachine(Functions functions, int cores) {
    this.functions = functions;
    this.cores = cores;
    this.memory = null;
    this.limitBytes = Double.POSITIVE_INFINITY;
  }

  /**
   * A machine without functions.
   *
   * @param cores 1 or more
   */
  public SharingMachine(Functions functions, int cores, Memory memory) {
    this.functions = functions;
    this.cores = cores;
    this.memory = memory;
    this.limitBytes = (double) memory.totalBytes() + memory.swap().sizeBytes();
  }

  @Override
  public void add(int function, long nowNanos) {
    advance(nowNanos);
    if (size == heap.length) {
      ends = Arrays.copyOf(ends, 2 * size);
      heap = Arrays.copyOf(heap, 2 * size);
    }
    double end = virtualNanos + functions.remainingNanos[function];
    up(size++, end, function);
    if (memory != null) {
      neededBytes += firstBytes(function);
      growth += growth(function);
    }
  }

  @Override
  public int takeEnded(long nowNanos) {
    advance(nowNanos);
    if (size == 0) {
      return -1;
    }
    if (ends[0] <= virtualNanos + SLACK) {
      int ended = heap[0];
      functions.remainingNanos[ended] = 0;
      remove(0);
      return ended;
    }
    if (neededBytes >= limitBytes) {
      int largest = 0;
      for (int i = 1; i < size; i++) {
        if (bytes(i) > bytes(largest)) {
          largest = i;
        }
      }
      int killed = heap[largest];
      functions.killed[killed] = true;
      remove(largest);
      return killed;
    }
    return -1;
  }

  @Override
  public long nextNanos() {
    if (size == 0) {
      return Long.MAX_VALUE;
    }
    double left = ends[0] - virtualNanos;
    if (growth > 0) {
      left = Math.min(left, (limitBytes - neededBytes) / growth);
    }
    if (left <= SLACK) {
      return atNanos;
    }
    long next = atNanos + Math.max(1, (long) StrictMath.ceil(left / speed()));
    if (isThrashing()) {
      return Math.min(next, atNanos + AGAIN_NANOS);
    }
    if (memory != null && growth > 0 && !memory.swap().isFree()) {
      // Where memory is full it begins to swap, and the speed changes.
      double room = (memory.totalBytes() - neededBytes) / growth;
      next = Math.min(next, atNanos + Math.max(1, (long) StrictMath.ceil(room / speed())));
    }
    return next;
  }

  @Override
  public long residentBytes(long nowNanos) {
    advance(nowNanos);
    return memory == null ? 0 : (long) Math.min((double) memory.totalBytes(), neededBytes);
  }

  @Override
  public long swappedBytes() {
    return memory == null ? 0 : (long) Math.max(0, neededBytes - memory.totalBytes());
  }

  @Override
  public int functions() {
    return size;
  }

  @Override
  public int busyCores() {
    return Math.min(size, cores);
  }

  @Override
  public int functionsFrom(int rank) {
    int count = 0;
    for (int i = 0; i < size; i++) {
      if (functions.rank[heap[i]] >= rank) {
        count++;
      }
    }
    return count;
  }

  private double speed() {
    double share = size <= cores ? 1 : (double) cores / size;
    if (memory == null || !isThrashing()) {
      return share;
    }
    double turn = QUANTUM_NANOS / share;
    long excess = (long) (neededBytes - memory.totalBytes());
    return share
        * turn
        / (turn + memory.swap().writeNanos(excess) + memory.swap().readNanos(excess));
  }

  private boolean isThrashing() {
    return memory != null && neededBytes > memory.totalBytes() && !memory.swap().isFree();
  }

  private long firstBytes(int function) {
    return memory == null ? 0 : Math.min(memory.initialBytes(), functions.memoryBytes[function]);
  }

  private double growth(int function) {
    return (double) (functions.memoryBytes[function] - firstBytes(function))
        / functions.runtimeNanos[function];
  }

  /** What the function at a place of the heap has grown to. */
  private double bytes(int position) {
    int function = heap[position];
    return functions.memoryBytes[function] - growth(function) * (ends[position] - virtualNanos);
  }

  private void advance(long nowNanos) {
    if (nowNanos > atNanos) {
      if (size > 0) {
        double ran = (nowNanos - atNanos) * speed();
        virtualNanos += ran;
        neededBytes += growth * ran;
      }
      atNanos = nowNanos;
    }
  }

  private void remove(int position) {
    if (memory != null) {
      neededBytes -= bytes(position);
      growth -= growth(heap[position]);
    }
    size--;
    if (size == 0) {
      // So that numbers stay small and exact.
      virtualNanos = 0;
      neededBytes = 0;
      growth = 0;
    } else if (position < size) {
      double end = ends[size];
      int function = heap[size];
      if (!up(position, end, function)) {
        down(position, end, function);
      }
    }
  }

  /** Whether it went up at all; it is at its place in any case. */
  private boolean up(int from, double end, int function) {
    int position = from;
    while (position > 0) {
      int parent = (position - 1) / 2;
      if (ends[parent] <= end) {
        break;
      }
      ends[position] = ends[parent];
      heap[position] = heap[parent];
      position = parent;
    }
    ends[position] = end;
    heap[position] = function;
    return position != from;
  }

  private void down(int from, double end, int function) {
    int position = from;
    while (true) {
      int child = 2 * position + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && ends[child + 1] < ends[child]) {
        child++;
      }
      if (ends[child] >= end) {
        break;
      }
      ends[position] = ends[child];
      heap[position] = heap[child];
      position = child;
    }
    ends[position] = end;
    heap[position] = function;
  }
}
