package dev.fareway.simulator.machine;

import java.util.Arrays;

/**
 * The functions that wait or run, as columns of numbers: a function is a row, and rows are used
 * again, so that a simulation needs as much memory as it has functions at one time, however long it
 * goes on. Not thread-safe.
 *
 * <p>The columns are public for the hot paths; whoever reads one must read it anew after a {@link
 * #take}, which may grow them. A machine writes the columns that say so, nobody else does.
 */
public final class Functions {
  /** Order of arrival in the simulation, from 0: never used again, unlike the row. */
  public long[] sequence;

  /** When it arrived, in nanoseconds of simulated time. */
  public long[] arrivalNanos;

  /** CPU time that it takes in all. */
  public long[] runtimeNanos;

  /** Rank of its price class, 0 the cheapest. */
  public int[] rank;

  /** Which function it is an invocation of. */
  public int[] kind;

  /** Memory it has grown to at its end, in bytes; it begins with {@link Memory#initialBytes}. */
  public long[] memoryBytes;

  /** Where it was placed; -1: not yet. */
  public int[] machine;

  /** For the scheduler that placed it. */
  public int[] note;

  /** CPU time that it still takes; a machine's column. */
  public long[] remainingNanos;

  /** Order of arrival on its machine; a machine's column. */
  public long[] turn;

  /** Whether it was killed; a machine's column. */
  public boolean[] killed;

  /** Bytes of it in memory; the column of a machine that knows memory. */
  long[] residentBytes;

  /** Bytes of it in swap. */
  long[] swappedBytes;

  /** When what comes back from swap is there. */
  long[] readyNanos;

  private int[] free = {};
  private int freeCount;
  private int rows;
  private long nextSequence;

  /** An empty table. */
  public Functions() {
    int capacity = 256;
    sequence = new long[capacity];
    arrivalNanos = new long[capacity];
    runtimeNanos = new long[capacity];
    rank = new int[capacity];
    kind = new int[capacity];
    memoryBytes = new long[capacity];
    machine = new int[capacity];
    note = new int[capacity];
    remainingNanos = new long[capacity];
    turn = new long[capacity];
    killed = new boolean[capacity];
    residentBytes = new long[capacity];
    swappedBytes = new long[capacity];
    readyNanos = new long[capacity];
  }

  /** A row for a function that has just arrived. */
  public int take(long arrivalNanos, long runtimeNanos, int rank, int kind, long memoryBytes) {
    int row = freeCount > 0 ? free[--freeCount] : rows++;
    if (row == sequence.length) {
      grow(2 * row);
    }
    this.sequence[row] = nextSequence++;
    this.arrivalNanos[row] = arrivalNanos;
    this.runtimeNanos[row] = runtimeNanos;
    this.rank[row] = rank;
    this.kind[row] = kind;
    this.memoryBytes[row] = memoryBytes;
    this.machine[row] = -1;
    this.note[row] = 0;
    this.remainingNanos[row] = runtimeNanos;
    this.killed[row] = false;
    this.residentBytes[row] = 0;
    this.swappedBytes[row] = 0;
    this.readyNanos[row] = 0;
    return row;
  }

  /** Gives a row back. */
  public void giveBack(int row) {
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, Math.max(256, 2 * freeCount));
    }
    free[freeCount++] = row;
  }

  /** How many functions there are. */
  public int size() {
    return rows - freeCount;
  }

  /** How many rows there ever were at one time. */
  public int highWaterMark() {
    return rows;
  }

  private void grow(int capacity) {
    sequence = Arrays.copyOf(sequence, capacity);
    arrivalNanos = Arrays.copyOf(arrivalNanos, capacity);
    runtimeNanos = Arrays.copyOf(runtimeNanos, capacity);
    rank = Arrays.copyOf(rank, capacity);
    kind = Arrays.copyOf(kind, capacity);
    memoryBytes = Arrays.copyOf(memoryBytes, capacity);
    machine = Arrays.copyOf(machine, capacity);
    note = Arrays.copyOf(note, capacity);
    remainingNanos = Arrays.copyOf(remainingNanos, capacity);
    turn = Arrays.copyOf(turn, capacity);
    killed = Arrays.copyOf(killed, capacity);
    residentBytes = Arrays.copyOf(residentBytes, capacity);
    swappedBytes = Arrays.copyOf(swappedBytes, capacity);
    readyNanos = Arrays.copyOf(readyNanos, capacity);
  }
}
