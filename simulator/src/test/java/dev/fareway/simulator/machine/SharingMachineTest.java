package dev.fareway.simulator.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SharingMachineTest {
  private static final long MILLI = 1_000_000L;
  private static final long GB = 1_000_000_000L;

  private final Functions functions = new Functions();

  private int function(long millis, long memoryBytes) {
    return functions.take(0, millis * MILLI, 0, 0, memoryBytes);
  }

  private static long runToEnd(SharingMachine machine, int count) {
    long at = 0;
    for (int ended = 0; ended < count; ) {
      at = machine.nextNanos();
      if (machine.takeEnded(at) >= 0) {
        ended++;
      }
    }
    return at;
  }

  @Test
  void memory_growsWithTheCpuTimeThatAFunctionGets() {
    // Two functions share a core: after 100 ms each has run for half of its 100 ms.
    var machine =
        new SharingMachine(functions, 1, new Memory(32 * GB, GB / 10, SwapDevice.free(0)));
    machine.add(function(100, 4 * GB + GB / 10), 0);
    machine.add(function(100, 2 * GB + GB / 10), 0);

    assertEquals(GB / 5, machine.residentBytes(0));
    assertEquals(3.2 * GB, (double) machine.residentBytes(100 * MILLI), 10);
  }

  @Test
  void largest_isKilled_whenMemoryIsFull() {
    var machine =
        new SharingMachine(functions, 2, new Memory(10 * GB, GB / 10, SwapDevice.free(0)));
    int small = function(100, 4 * GB);
    int large = function(100, 9 * GB);
    machine.add(small, 0);
    machine.add(large, 0);

    long full = machine.nextNanos();
    assertEquals(large, machine.takeEnded(full));
    assertTrue(functions.killed[large]);
    assertTrue(full < 100 * MILLI);
    assertTrue(machine.residentBytes(full) < 4 * GB);
    assertEquals(small, machine.takeEnded(machine.nextNanos()));
    assertFalse(functions.killed[small]);
    assertEquals(0, machine.residentBytes(100 * MILLI));
  }

  @Test
  void nobody_isKilled_whileSwapHasRoom_andFreeSwapCostsNothing() {
    var machine =
        new SharingMachine(functions, 2, new Memory(10 * GB, GB / 10, SwapDevice.free(20 * GB)));
    machine.add(function(100, 9 * GB), 0);
    machine.add(function(100, 9 * GB), 0);

    assertEquals(0, machine.swappedBytes());
    assertEquals(10 * GB, machine.residentBytes(90 * MILLI));
    assertTrue(machine.swappedBytes() > 6 * GB, "in swap: " + machine.swappedBytes());
    assertEquals(100.0 * MILLI, (double) runToEnd(machine, 2), 10);
  }

  @Test
  void everybody_isSlowedDown_whenSwappingTakesTime() {
    var machine =
        new SharingMachine(functions, 2, new Memory(10 * GB, GB / 10, SwapDevice.sata(20 * GB)));
    machine.add(function(100, 9 * GB), 0);
    machine.add(function(100, 9 * GB), 0);

    // Up to 8 GB too much at the end, out and in at half a gigabyte a second.
    long end = runToEnd(machine, 2);
    assertTrue(end > 1000 * MILLI, end / MILLI + " ms");
    assertFalse(functions.killed[0] || functions.killed[1]);
  }
}
