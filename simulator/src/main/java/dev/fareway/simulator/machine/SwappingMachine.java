package dev.fareway.simulator.machine;

/**
 * The paper's machine with its memory (sections 3.2 and 4.1): strict priority as in {@link
 * PriorityMachine}, and price class-based swapping. A function begins with a fixed amount of memory
 * and grows evenly with the CPU time it gets.
 *
 * <ul>
 *   <li>When memory is full, functions are swapped out, the cheapest class first, within it the one
 *       that would run last, until {@link #HIGH} of the memory is in use. One that was running
 *       pauses.
 *   <li>A function runs only with all of its memory. It is brought back at the latest when it is
 *       its turn and it fits below {@link #HIGH}; cheaper ones, and no dearer one, are swapped out
 *       to make it fit. When less than {@link #LOW} is in use, pressure is gone, and those that run
 *       next are brought back ahead of their turn, up to {@link #AHEAD}.
 *   <li>When swap is full, too, the cheapest is killed.
 *   <li>Where the device takes time, functions are swapped out from {@link #BEGIN} on. What is
 *       swapped out takes room until it is written; when there is none left, the cheapest of those
 *       that run stall, as many as grow more quickly than the device writes.
 * </ul>
 *
 * <p>Memory between events follows from the time: nothing is sampled.
 */
public final class SwappingMachine implements Machine {
  /**
   * Share of the memory down to which functions are swapped out, and up to which they come back.
   */
  static final double HIGH = 0.95;

  /** Share of the memory from which on functions are swapped out to a device that takes time. */
  static final double BEGIN = 0.97;

  /** How long a function stalls at a time that finds no room to grow. */
  private static final long STALL_NANOS = 10_000_000L;

  /** So much room is as good as none. */
  private static final long NO_ROOM = 1_000_000L;

  /** Share of the memory up to which functions come back ahead of their turn. */
  static final double AHEAD = 0.92;

  /** Share of the memory below which there is no pressure. */
  static final double LOW = 0.88;

  private final Functions functions;
  private final Memory memory;
  private final int cores;
  private final boolean ranked;
  private final boolean eager;
  private final long begin;
  private final long high;
  private final long ahead;
  private final long low;
  private final PreferenceList all;

  /** Those with memory of theirs in use: who is next to be swapped stands last. */
  private final PreferenceList resident;

  private final IntDeque killed = new IntDeque();
  private final IntDeque finished = new IntDeque();
  private final long[] swappedOutByRank;
  private final int[] running;
  private int runningCount;
  private long nextTurn;
  private long atNanos;
  private long nextNanos = Long.MAX_VALUE;
  private long deviceFreeNanos;
  private long residentBytes;
  private long swappedBytes;

  private final PendingWrites writes = new PendingWrites();

  /** What is swapped out and not yet written as of {@link #atNanos}. */
  private long leavingBytes;

  /** Whether a function can't run until the device has written more. */
  private boolean awaitsDevice;

  private long stalls;
  private double lowestSwapUse = Double.NaN;

  /**
   * A machine without functions.
   *
   * @param cores 1 or more
   * @param ranks how many price classes there are; with 1, ranks are ignored: first come, first
   *     served
   * @param eager whether a function has its first memory when it comes; else when it first runs, as
   *     a request that waits in a queue before its container
   */
  public SwappingMachine(Functions functions, int cores, int ranks, Memory memory, boolean eager) {
    this.functions = functions;
    this.cores = cores;
    this.memory = memory;
    this.ranked = ranks > 1;
    this.eager = eager;
    this.begin =
        memory.swap().isFree() ? memory.totalBytes() : (long) (memory.totalBytes() * BEGIN);
    this.high = (long) (memory.totalBytes() * HIGH);
    this.ahead = (long) (memory.totalBytes() * AHEAD);
    this.low = (long) (memory.totalBytes() * LOW);
    this.all = new PreferenceList(functions, ranked);
    this.resident = new PreferenceList(functions, ranked);
    this.running = new int[cores];
    this.swappedOutByRank = new long[ranks];
  }

  @Override
  public void add(int function, long nowNanos) {
    advance(nowNanos);
    functions.turn[function] = nextTurn++;
    all.add(function);
    if (eager && hasRoom(firstBytes(function))) {
      begin(function);
    }
    plan();
  }

  @Override
  public int takeEnded(long nowNanos) {
    if (killed.size() == 0 && finished.size() == 0 && nextNanos <= nowNanos) {
      advance(nowNanos);
      for (int i = 0; i < runningCount; i++) {
        if (functions.remainingNanos[running[i]] == 0) {
          finished.addLast(running[i]);
          remove(running[i]);
        }
      }
      plan();
    }
    if (killed.size() > 0) {
      return killed.removeFirst();
    }
    return finished.size() > 0 ? finished.removeFirst() : -1;
  }

  @Override
  public long nextNanos() {
    return killed.size() > 0 || finished.size() > 0 ? atNanos : nextNanos;
  }

  @Override
  public int functions() {
    return all.size();
  }

  @Override
  public int busyCores() {
    return runningCount;
  }

  @Override
  public int functionsFrom(int rank) {
    return ranked ? all.countFrom(rank) : all.size();
  }

  @Override
  public long residentBytes(long nowNanos) {
    advance(nowNanos);
    return residentBytes + leavingBytes;
  }

  @Override
  public long swappedBytes() {
    return swappedBytes;
  }

  /** Bytes of a rank that were ever swapped out. */
  public long swappedOutBytes(int rank) {
    return swappedOutByRank[rank];
  }

  /**
   * The least share of the memory that was in use, or needed for what was to run, when anything was
   * swapped out; NaN if nothing was.
   */
  public double lowestSwapUse() {
    return lowestSwapUse;
  }

  /** How often a function stalled because the device did not write quickly enough. */
  public long stalls() {
    return stalls;
  }

  private int rank(int function) {
    return ranked ? functions.rank[function] : 0;
  }

  private long firstBytes(int function) {
    return Math.min(memory.initialBytes(), functions.memoryBytes[function]);
  }

  private void begin(int function) {
    hold(function, firstBytes(function));
  }

  private void hold(int function, long bytes) {
    if (functions.residentBytes[function] == 0 && bytes > 0) {
      resident.add(function);
    }
    functions.residentBytes[function] += bytes;
    residentBytes += bytes;
  }

  private void advance(long nowNanos) {
    if (nowNanos <= atNanos) {
      return;
    }
    for (int i = 0; i < runningCount; i++) {
      int function = running[i];
      long ran = nowNanos - Math.max(atNanos, functions.readyNanos[function]);
      if (ran > 0) {
        long left = Math.max(0, functions.remainingNanos[function] - ran);
        functions.remainingNanos[function] = left;
        hold(function, grown(function, left) - functions.residentBytes[function]);
      }
    }
    atNanos = nowNanos;
    if (leavingBytes > 0) {
      leavingBytes = writes.left(atNanos);
    }
  }

  /** Memory of a function that has so much left to run. */
  private long grown(int function, long leftNanos) {
    long first = firstBytes(function);
    long runtime = functions.runtimeNanos[function];
    double share = (double) (runtime - leftNanos) / runtime;
    return first + (long) ((functions.memoryBytes[function] - first) * share);
  }

  private void remove(int function) {
    all.remove(function);
    if (functions.residentBytes[function] > 0) {
      resident.remove(function);
    }
    residentBytes -= functions.residentBytes[function];
    swappedBytes -= functions.swappedBytes[function];
  }

  private void plan() {
    if (residentBytes > begin) {
      reclaim(high, -1, (double) residentBytes / memory.totalBytes());
      if (residentBytes > memory.totalBytes()) {
        kill(all.get(0));
      }
    }
    runningCount = 0;
    awaitsDevice = false;
    int position = 0;
    for (; position < all.size() && runningCount < cores; position++) {
      int function = all.get(position);
      if (isInMemory(function)) {
        running[runningCount++] = function;
      }
    }
    if (swappedBytes > 0 && residentBytes + leavingBytes < low) {
      bringAhead(position);
    }
    if (leavingBytes > 0 && residentBytes + leavingBytes >= memory.totalBytes() - NO_ROOM) {
      stall();
    }
    findNext();
  }

  /** Whether all of a function is in memory; brings it there if that can be done now. */
  private boolean isInMemory(int function) {
    if (functions.swappedBytes[function] > 0) {
      return bringInTurn(function);
    }
    if (functions.residentBytes[function] == 0) {
      if (!hasRoom(firstBytes(function))) {
        awaitsDevice = true;
        return false;
      }
      begin(function);
    }
    return true;
  }

  /** Where swapping takes no time, there is always room: it is made. */
  private boolean hasRoom(long bytes) {
    return memory.swap().isFree() || residentBytes + leavingBytes + bytes <= memory.totalBytes();
  }

  /** There is no room: the dearest go on while they grow no more quickly than it is made. */
  private void stall() {
    boolean much = residentBytes + leavingBytes < memory.totalBytes() - NO_ROOM * 3 / 4;
    double rate = much && writes.isWriting(atNanos) ? memory.swap().writeBytesPerSecond() / 1e9 : 0;
    for (int i = 0; i < runningCount; i++) {
      int function = running[i];
      double growth = growth(function);
      if (growth > 0 && functions.readyNanos[function] <= atNanos) {
        if (growth <= rate) {
          rate -= growth;
        } else {
          functions.readyNanos[function] = atNanos + STALL_NANOS;
          stalls++;
        }
      }
    }
  }

  /** In bytes per nanosecond of CPU time. */
  private double growth(int function) {
    return (double) (functions.memoryBytes[function] - firstBytes(function))
        / functions.runtimeNanos[function];
  }

  private void findNext() {
    long next = Long.MAX_VALUE;
    double growth = 0;
    for (int i = 0; i < runningCount; i++) {
      int function = running[i];
      if (functions.readyNanos[function] > atNanos) {
        // Until then it neither runs nor grows.
        next = Math.min(next, functions.readyNanos[function]);
        continue;
      }
      next = Math.min(next, atNanos + functions.remainingNanos[function]);
      growth += growth(function);
    }
    if (growth > 0) {
      next = Math.min(next, atNanos + nanosUntil(begin - residentBytes, growth));
      if (leavingBytes > 0) {
        // As if nothing were written meanwhile: then it is looked at again.
        long room = memory.totalBytes() - NO_ROOM / 2 - residentBytes - leavingBytes;
        next = Math.min(next, atNanos + nanosUntil(room, growth));
      }
    }
    if (awaitsDevice) {
      next = Math.min(next, atNanos + STALL_NANOS);
    }
    nextNanos = next;
  }

  private static long nanosUntil(long bytes, double bytesPerNano) {
    return 1 + Math.max(0, (long) Math.min(1e18, bytes / bytesPerNano));
  }

  /** Whether a function could be brought back now, at the cost of cheaper ones. */
  private boolean bringInTurn(int function) {
    if (awaitsDevice) {
      // What room there will be is for those that go before.
      return false;
    }
    long needed = functions.swappedBytes[function];
    long out = residentBytes + needed - high;
    if (out > 0) {
      long behind = 0;
      for (int i = resident.size() - 1;
          i >= 0 && resident.goesBefore(function, resident.get(i));
          i--) {
        behind += functions.residentBytes[resident.get(i)];
      }
      if (out > behind || swappedBytes - needed + out > memory.swap().sizeBytes()) {
        // Nobody is killed for this.
        return false;
      }
      double use = (double) (residentBytes + needed) / memory.totalBytes();
      swappedBytes -= needed;
      reclaim(high - needed, function, use);
      swappedBytes += needed;
    }
    if (!hasRoom(needed)) {
      awaitsDevice = true;
      return false;
    }
    bringBack(function);
    return true;
  }

  private void bringAhead(int from) {
    for (int position = from; position < all.size(); position++) {
      int function = all.get(position);
      if (residentBytes + leavingBytes + functions.swappedBytes[function] > ahead) {
        return;
      }
      if (functions.swappedBytes[function] > 0) {
        bringBack(function);
      }
    }
  }

  private void bringBack(int function) {
    long bytes = functions.swappedBytes[function];
    functions.swappedBytes[function] = 0;
    swappedBytes -= bytes;
    hold(function, bytes);
    if (!memory.swap().isFree()) {
      deviceFreeNanos = Math.max(deviceFreeNanos, atNanos) + memory.swap().readNanos(bytes);
      functions.readyNanos[function] = deviceFreeNanos;
    }
  }

  /**
   * Swaps out, the least preferred first, until so much is in use, or kills where swap is full. The
   * most preferred of all is left alone.
   *
   * @param before only functions less preferred than this one; -1: all
   * @param use what to note as the share of the memory that was needed
   */
  private void reclaim(long goal, int before, double use) {
    while (residentBytes > goal && resident.size() > 0) {
      int victim = resident.last();
      if (victim == all.get(0) || (before >= 0 && !resident.goesBefore(before, victim))) {
        return;
      }
      long bytes = Math.min(residentBytes - goal, functions.residentBytes[victim]);
      if (swappedBytes + bytes > memory.swap().sizeBytes()) {
        kill(victim);
        continue;
      }
      if (bytes == functions.residentBytes[victim]) {
        resident.remove(victim);
      }
      functions.residentBytes[victim] -= bytes;
      functions.swappedBytes[victim] += bytes;
      residentBytes -= bytes;
      swappedBytes += bytes;
      swappedOutByRank[rank(victim)] += bytes;
      if (!memory.swap().isFree()) {
        long from = Math.max(deviceFreeNanos, atNanos);
        deviceFreeNanos = from + memory.swap().writeNanos(bytes);
        writes.add(from, deviceFreeNanos, bytes);
        leavingBytes += bytes;
      }
      if (!(use >= lowestSwapUse)) {
        lowestSwapUse = use;
      }
    }
  }

  private void kill(int victim) {
    functions.killed[victim] = true;
    killed.addLast(victim);
    remove(victim);
  }
}
