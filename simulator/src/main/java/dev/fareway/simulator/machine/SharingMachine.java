package dev.fareway.simulator.machine;

import java.util.Arrays;

/**
 * Processor sharing: all functions run at once, each at the same speed, min(1, cores / functions);
 * ranks are ignored. What Hermod assumes of a machine, and close to what Linux' default scheduler
 * does with equal weights.
 *
 * <p>Virtual time goes at that speed, so a function ends when virtual time has gone by as much as
 * it needs: arrivals change the speed, and not the order of the ends. Example: two cores, four
 * functions of 10 ms that came at once: the speed is 0.5, all end after 20 ms.
 */
public final class SharingMachine implements Machine {
  /** Nanoseconds of virtual time by which rounding may be off. */
  private static final double SLACK = 0.01;

  private final Functions functions;
  private final int cores;
  private double[] ends = new double[8];
  private int[] heap = new int[8];
  private int size;
  private double virtualNanos;
  private long atNanos;

  /**
   * A machine without functions.
   *
   * @param cores 1 or more
   */
  public SharingMachine(Functions functions, int cores) {
    this.functions = functions;
    this.cores = cores;
  }

  @Override
  public void add(int function, long nowNanos) {
    advance(nowNanos);
    if (size == heap.length) {
      ends = Arrays.copyOf(ends, 2 * size);
      heap = Arrays.copyOf(heap, 2 * size);
    }
    double end = virtualNanos + functions.remainingNanos[function];
    int position = size++;
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
  }

  @Override
  public int takeEnded(long nowNanos) {
    advance(nowNanos);
    if (size == 0 || ends[0] > virtualNanos + SLACK) {
      return -1;
    }
    int ended = heap[0];
    functions.remainingNanos[ended] = 0;
    size--;
    if (size == 0) {
      // So that numbers stay small and exact.
      virtualNanos = 0;
    } else {
      sink(ends[size], heap[size]);
    }
    return ended;
  }

  @Override
  public long nextNanos() {
    if (size == 0) {
      return Long.MAX_VALUE;
    }
    double left = ends[0] - virtualNanos;
    return left <= SLACK ? atNanos : atNanos + Math.max(1, (long) StrictMath.ceil(left / speed()));
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
    return size <= cores ? 1 : (double) cores / size;
  }

  private void advance(long nowNanos) {
    if (nowNanos > atNanos) {
      if (size > 0) {
        virtualNanos += (nowNanos - atNanos) * speed();
      }
      atNanos = nowNanos;
    }
  }

  private void sink(double end, int function) {
    int position = 0;
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
