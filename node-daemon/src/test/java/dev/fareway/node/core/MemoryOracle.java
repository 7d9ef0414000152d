package dev.fareway.node.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What holds of every decision on a node's memory, whatever happened before. */
final class MemoryOracle {
  private record Try(int poor, long at, long resident) {}

  private final MemoryOptions options;
  private final Map<String, Try> tries = new HashMap<>();
  private MemoryState last = MemoryState.NORMAL;
  private @Nullable String evicted;

  MemoryOracle(MemoryOptions options) {
    this.options = options;
  }

  void check(
      MemoryReading reading, List<FunctionMemory> functions, MemoryDecision decision, long now) {
    states(reading, decision);
    assertTrue(decision.actions().size() <= 1, "one step at a time");
    for (FunctionMemory function : functions) {
      assertFalse(decision.maySwap(function.rank(), false), "what is kept out of swap stays out");
      if (decision.maySwap(function.rank(), function.swappable())) {
        long cheaper =
            functions.stream()
                .filter(f -> f.swappable() && f.rank() < function.rank())
                .mapToLong(FunctionMemory::residentBytes)
                .sum();
        assertTrue(
            cheaper < 2 * options.lowBytes(),
            () -> "the kernel may swap %s while cheaper ones hold %d".formatted(function, cheaper));
      }
    }
    for (MemoryAction action : decision.actions()) {
      FunctionMemory of =
          functions.stream().filter(f -> f.uid().equals(action.uid())).findFirst().orElseThrow();
      switch (action) {
        case MemoryAction.PushOut push -> pushOut(functions, decision, of, push, now);
        case MemoryAction.BringBack back -> bringBack(reading, functions, decision, of, back);
        case MemoryAction.Evict _ -> {
          end(reading, functions, decision, of, now);
          evicted = of.uid();
        }
        case MemoryAction.Kill _ -> {
          assertEquals(MemoryState.CRITICAL, decision.state());
          assertEquals(evicted, of.uid(), "killed only after an eviction was tried");
        }
      }
    }
    last = decision.state();
  }

  void pushedOut(String uid, long asked, long got, long resident, long now) {
    if (got >= asked / 4) {
      tries.remove(uid);
    } else {
      int poor = tries.containsKey(uid) ? tries.get(uid).poor + 1 : 1;
      tries.put(uid, new Try(poor, now, resident));
    }
  }

  private void states(MemoryReading reading, MemoryDecision decision) {
    long available = reading.availableBytes();
    if (decision.state() == MemoryState.NORMAL) {
      assertTrue(
          available >= (last == MemoryState.NORMAL ? options.lowBytes() : options.highBytes()),
          "pressure is over only at the high watermark");
    } else if (last == MemoryState.NORMAL) {
      assertEquals(MemoryState.PRESSURE, decision.state(), "no state is left out");
      assertTrue(available < (reading.stalled() ? options.highBytes() : options.lowBytes()));
    }
    if (decision.state() == MemoryState.CRITICAL) {
      assertTrue(available < options.lowBytes());
    }
  }

  private boolean hasNothingLeft(FunctionMemory function, long now) {
    Try known = tries.get(function.uid());
    return function.residentBytes() < MemoryManager.CRUMB_BYTES
        || (known != null
            && known.poor >= 2
            && now - known.at < MemoryManager.REST_NANOS
            && function.residentBytes() < known.resident + options.stepBytes());
  }

  private void pushOut(
      List<FunctionMemory> functions,
      MemoryDecision decision,
      FunctionMemory of,
      MemoryAction.PushOut push,
      long now) {
    assertEquals(MemoryState.PRESSURE, decision.state());
    assertTrue(of.swappable(), () -> of + " is not to be swapped");
    assertTrue(push.bytes() > 0 && push.bytes() <= options.stepBytes());
    for (FunctionMemory other : functions) {
      if (other.swappable() && !hasNothingLeft(other, now)) {
        assertTrue(other.rank() >= of.rank(), () -> other + " is cheaper than " + of);
        if (other.rank() == of.rank()) {
          assertTrue(other.lastRanNanos() >= of.lastRanNanos(), () -> other + " ran before " + of);
        }
      }
    }
  }

  private void bringBack(
      MemoryReading reading,
      List<FunctionMemory> functions,
      MemoryDecision decision,
      FunctionMemory of,
      MemoryAction.BringBack back) {
    assertEquals(MemoryState.NORMAL, decision.state());
    assertEquals(MemoryState.NORMAL, last, "not in the moment that pressure ends");
    assertTrue(reading.availableBytes() - back.bytes() >= options.highBytes());
    assertNotEquals(0, of.swappedBytes());
    assertTrue(back.bytes() > 0 && back.bytes() <= of.swappedBytes());
    assertTrue(functions.contains(of));
  }

  private void end(
      MemoryReading reading,
      List<FunctionMemory> functions,
      MemoryDecision decision,
      FunctionMemory of,
      long now) {
    assertEquals(MemoryState.CRITICAL, decision.state());
    boolean full = reading.swapFreeBytes() <= reading.swapTotalBytes() / 64;
    assertTrue(
        full || functions.stream().allMatch(f -> !f.swappable() || hasNothingLeft(f, now)),
        "nobody is ended while someone can be swapped");
    int cheapest =
        functions.stream()
            .filter(f -> f.bytes() >= MemoryManager.CRUMB_BYTES)
            .min(Comparator.comparingInt(FunctionMemory::rank))
            .orElseThrow()
            .rank();
    assertEquals(cheapest, of.rank(), "the cheapest goes first");
  }
}
