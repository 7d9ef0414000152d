package dev.fareway.simulator.machine;

import java.util.Arrays;

/**
 * The paper's machine scheduler (section 3.2): preemptive, strict between ranks, first come first
 * served within one; who is preempted stays at the head of its rank. As Linux' SCHED_FIFO
 * (sched(7)) does it, with a migration at no cost.
 *
 * <p>With one rank for all it is first in, first out, run to completion: as in an invoker that
 * takes a request from its queue when a core is free.
 *
 * <p>Running functions stand in a small array that is searched: there are as many as cores.
 */
public final class PriorityMachine implements Machine {
  private final Functions functions;
  private final boolean ranked;
  private final int[] running;
  private final long[] finishNanos;
  private final IntDeque[] waiting;
  private int runningCount;
  private int waitingCount;
  private long nextTurn;
  private long nextNanos = Long.MAX_VALUE;

  /**
   * A machine without functions.
   *
   * @param cores 1 or more
   * @param ranks how many price classes there are, 1 or more; with 1, ranks are ignored
   */
  public PriorityMachine(Functions functions, int cores, int ranks) {
    this.functions = functions;
    this.ranked = ranks > 1;
    this.running = new int[cores];
    this.finishNanos = new long[cores];
    this.waiting = new IntDeque[ranks];
    Arrays.setAll(waiting, _ -> new IntDeque());
  }

  @Override
  public void add(int function, long nowNanos) {
    functions.turn[function] = nextTurn++;
    if (runningCount < running.length) {
      run(function, runningCount++, nowNanos);
      return;
    }
    int worst = 0;
    for (int i = 1; i < runningCount; i++) {
      if (goesAfter(running[i], running[worst])) {
        worst = i;
      }
    }
    int victim = running[worst];
    if (rank(victim) >= rank(function)) {
      waiting[rank(function)].addLast(function);
    } else {
      functions.remainingNanos[victim] = finishNanos[worst] - nowNanos;
      waiting[rank(victim)].addFirst(victim);
      run(function, worst, nowNanos);
      findNext();
    }
    waitingCount++;
  }

  @Override
  public int takeEnded(long nowNanos) {
    if (nextNanos > nowNanos) {
      return -1;
    }
    int core = 0;
    while (finishNanos[core] > nowNanos) {
      core++;
    }
    int ended = running[core];
    functions.remainingNanos[ended] = 0;
    if (waitingCount > 0) {
      int rank = waiting.length - 1;
      while (waiting[rank].size() == 0) {
        rank--;
      }
      waitingCount--;
      run(waiting[rank].removeFirst(), core, nowNanos);
    } else {
      runningCount--;
      running[core] = running[runningCount];
      finishNanos[core] = finishNanos[runningCount];
    }
    findNext();
    return ended;
  }

  @Override
  public long nextNanos() {
    return nextNanos;
  }

  @Override
  public int functions() {
    return runningCount + waitingCount;
  }

  @Override
  public int busyCores() {
    return runningCount;
  }

  @Override
  public int functionsFrom(int rank) {
    int count = 0;
    for (int i = 0; i < runningCount; i++) {
      if (functions.rank[running[i]] >= rank) {
        count++;
      }
    }
    if (!ranked) {
      return count + waitingCount;
    }
    for (int r = rank; r < waiting.length; r++) {
      count += waiting[r].size();
    }
    return count;
  }

  private int rank(int function) {
    return ranked ? functions.rank[function] : 0;
  }

  private boolean goesAfter(int a, int b) {
    int rankA = rank(a);
    int rankB = rank(b);
    return rankA != rankB ? rankA < rankB : functions.turn[a] > functions.turn[b];
  }

  private void run(int function, int core, long nowNanos) {
    running[core] = function;
    finishNanos[core] = nowNanos + functions.remainingNanos[function];
    nextNanos = Math.min(nextNanos, finishNanos[core]);
  }

  private void findNext() {
    long next = Long.MAX_VALUE;
    for (int i = 0; i < runningCount; i++) {
      next = Math.min(next, finishNanos[i]);
    }
    nextNanos = next;
  }
}
