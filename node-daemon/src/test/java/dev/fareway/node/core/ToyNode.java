package dev.fareway.node.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A node's memory in numbers: functions that grow, run and end at random, swap of a size, and a
 * kernel that swaps whom it may when nothing is available.
 */
final class ToyNode {
  static final long MIB = 1024 * 1024;

  /** Who is told what became of an action. */
  interface Outcomes {
    void pushedOut(String uid, long asked, long got, long resident, long now);

    void broughtBack(String uid, long asked, long got, long now);

    void notEvicted(String uid);
  }

  static final class Function {
    final String uid;
    final int rank;
    final boolean swappable;
    long resident;
    long swapped;
    long lastRan;

    Function(String uid, int rank, boolean swappable, long resident) {
      this.uid = uid;
      this.rank = rank;
      this.swappable = swappable;
      this.resident = resident;
    }
  }

  final long total;
  final long swap;
  final List<Function> functions = new ArrayList<>();

  /** Kills by the kernel while there was swap, and someone with memory to be put there. */
  int needlessKills;

  private final SplittableRandom random;
  private int born;

  ToyNode(long total, long swap, SplittableRandom random) {
    this.total = total;
    this.swap = swap;
    this.random = random;
  }

  long available() {
    return Math.max(0, total - functions.stream().mapToLong(f -> f.resident).sum());
  }

  long swapFree() {
    return swap - functions.stream().mapToLong(f -> f.swapped).sum();
  }

  MemoryReading reading(boolean stalled) {
    return new MemoryReading(total, available(), swap, swapFree(), stalled);
  }

  List<FunctionMemory> memories() {
    return functions.stream()
        .map(
            f ->
                new FunctionMemory(
                    f.uid, f.rank, f.swappable, true, f.resident, f.swapped, f.lastRan))
        .toList();
  }

  /** A moment of life; what is taken is at most {@code growth}. */
  void live(long growth, long now, MemoryDecision last) {
    if (functions.size() < 12 && random.nextInt(10) == 0) {
      int rank = random.nextInt(4);
      functions.add(new Function("f" + born++, rank, rank < 3 || random.nextBoolean(), 0));
    }
    if (random.nextInt(60) == 0 && !functions.isEmpty()) {
      functions.remove(random.nextInt(functions.size()));
    }
    long left = growth;
    for (Function f : functions) {
      if (random.nextInt(3) == 0) {
        f.lastRan = now;
        long more = random.nextLong(left + 1) / 2;
        long back = Math.min(more / 2, f.swapped);
        f.swapped -= back;
        f.resident += more;
        left -= more;
      } else if (random.nextInt(40) == 0) {
        f.resident /= 2;
      }
    }
    kernel(last);
  }

  /** What is not there is swapped by whom it is allowed of, else the cheapest is killed. */
  private void kernel(MemoryDecision last) {
    while (functions.stream().mapToLong(f -> f.resident).sum() > total) {
      var allowed =
          functions.stream()
              .filter(f -> last.maySwap(f.rank, f.swappable) && f.resident >= MIB)
              .toList();
      if (swapFree() >= MIB && !allowed.isEmpty()) {
        Function f = allowed.get(random.nextInt(allowed.size()));
        f.resident -= MIB;
        f.swapped += MIB;
      } else {
        boolean hadWay =
            swapFree() >= Math.max(swap / 32, 2 * MIB)
                && functions.stream().anyMatch(f -> f.swappable && f.resident >= 2 * MIB);
        needlessKills += hadWay ? 1 : 0;
        functions.remove(
            functions.stream()
                .min(
                    Comparator.<Function>comparingInt(f -> f.rank)
                        .thenComparingLong(f -> -f.resident))
                .orElseThrow());
      }
    }
  }

  /** Does it, as far as it goes; who asks is told. */
  void act(MemoryAction action, Outcomes manager, long now) {
    Function f =
        functions.stream().filter(one -> one.uid.equals(action.uid())).findFirst().orElseThrow();
    switch (action) {
      case MemoryAction.PushOut push -> {
        // Now and then a device is slow, or the pages are needed again at once.
        long most = random.nextInt(5) == 0 ? push.bytes() / 8 : push.bytes();
        long got = Math.min(Math.min(most, f.resident), swapFree());
        f.resident -= got;
        f.swapped += got;
        manager.pushedOut(f.uid, push.bytes(), got, f.resident, now);
      }
      case MemoryAction.BringBack back -> {
        long got = random.nextInt(8) == 0 ? 0 : Math.min(back.bytes(), f.swapped);
        f.resident += got;
        f.swapped -= got;
        manager.broughtBack(f.uid, back.bytes(), got, now);
      }
      case MemoryAction.Evict _ -> {
        switch (random.nextInt(3)) {
          case 0 -> functions.remove(f);
          case 1 -> manager.notEvicted(f.uid);
          default -> {}
        }
      }
      case MemoryAction.Kill _ -> {
        if (random.nextInt(4) > 0) {
          functions.remove(f);
        }
      }
    }
  }
}
