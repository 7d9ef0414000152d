package dev.fareway.simulator.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.simulator.engine.Recorder;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.workload.LoadProfile;
import dev.fareway.simulator.workload.PaperWorkload;
import dev.fareway.simulator.workload.PriceClasses;
import dev.fareway.simulator.workload.Runtimes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class SwappingMachineTest {
  private static final long MILLI = 1_000_000L;
  private static final long GB = 1_000_000_000L;
  private static final Memory SMALL = new Memory(10 * GB, GB / 10, SwapDevice.free(100 * GB));

  private final Functions functions = new Functions();

  private int function(long millis, int rank, long memoryBytes) {
    return functions.take(0, millis * MILLI, rank, 0, memoryBytes);
  }

  private static int endAt(Machine machine, long nanos) {
    assertEquals(nanos, machine.nextNanos());
    return machine.takeEnded(nanos);
  }

  @Test
  void memory_growsWithTheTimeThatAFunctionRuns() {
    var machine = new SwappingMachine(functions, 1, 2, SMALL, true);
    machine.add(function(100, 0, 5 * GB + GB / 10), 0);

    assertEquals(GB / 10, machine.residentBytes(0));
    assertEquals(GB / 10 + 5 * GB / 2, machine.residentBytes(50 * MILLI));
    assertEquals(0, endAt(machine, 100 * MILLI));
    assertEquals(0, machine.residentBytes(100 * MILLI));
  }

  @Test
  void cheapest_isSwappedOutFirst_andComesBackInItsTurn() {
    // given: a cheap one has grown to half of the memory when a dear one comes
    var machine = new SwappingMachine(functions, 1, 2, SMALL, true);
    int cheap = function(200, 0, 8 * GB);
    int dear = function(100, 1, 8 * GB);
    machine.add(cheap, 0);
    machine.add(dear, 150 * MILLI);
    assertEquals(0, machine.swappedBytes());

    // when: the dear one has grown until both no longer fit
    long full = machine.nextNanos();
    assertEquals(-1, machine.takeEnded(full));

    // then: the cheap one is swapped, the dear one isn't
    assertTrue(full < 250 * MILLI);
    assertTrue(machine.swappedBytes() > 0);
    assertEquals(machine.swappedBytes(), machine.swappedOutBytes(0));
    assertEquals(0, machine.swappedOutBytes(1));
    assertTrue(machine.residentBytes(full) <= 10 * GB);

    // and: it comes back when it runs, and ends as if nothing had been
    int ended = -1;
    while (ended < 0) {
      ended = machine.takeEnded(machine.nextNanos());
    }
    assertEquals(dear, ended);
    assertEquals(0, machine.swappedBytes());
    assertEquals(cheap, endAt(machine, 300 * MILLI));
    assertFalse(functions.killed[cheap]);
  }

  @Test
  void whatComesBack_isWaitedFor_whenTheDeviceTakesTime() {
    // 1 GB a second: what was swapped out delays the cheap one by as many nanoseconds as bytes.
    var machine =
        new SwappingMachine(
            functions,
            1,
            2,
            new Memory(10 * GB, GB / 10, new SwapDevice(100 * GB, GB, 1000 * GB, 0)),
            true);
    machine.add(function(200, 0, 8 * GB), 0);
    machine.add(function(100, 1, 8 * GB), 150 * MILLI);
    int ended = 0;
    long at = 0;
    while (ended < 2) {
      at = machine.nextNanos();
      ended += machine.takeEnded(at) < 0 ? 0 : 1;
    }

    assertEquals(250 * MILLI + machine.swappedOutBytes(0) + 50 * MILLI, at);
  }

  @Test
  void cheapest_stalls_whileTheDeviceWritesMoreSlowlyThanFunctionsGrow() {
    // Grow by 40 GB/s each, on a machine whose device writes half a gigabyte a second.
    var machine =
        new SwappingMachine(
            functions, 2, 2, new Memory(10 * GB, GB / 10, SwapDevice.sata(100 * GB)), true);
    int cheap = function(200, 0, 8 * GB);
    int dear = function(200, 1, 8 * GB);
    machine.add(cheap, 0);
    machine.add(dear, 0);
    int first = -1;
    while (first < 0) {
      first = machine.takeEnded(machine.nextNanos());
      assertTrue(machine.residentBytes(0) <= 10 * GB);
    }

    assertEquals(dear, first);
    assertTrue(machine.stalls() > 0);
    assertTrue(machine.nextNanos() > 1000 * MILLI, machine.nextNanos() / MILLI + " ms");
    assertFalse(functions.killed[cheap]);
  }

  @Test
  void cheapest_isKilled_whenSwapIsFullToo() {
    var machine =
        new SwappingMachine(
            functions, 2, 2, new Memory(10 * GB, GB / 10, SwapDevice.free(0)), true);
    int cheap = function(100, 0, 8 * GB);
    int dear = function(100, 1, 8 * GB);
    machine.add(dear, 0);
    machine.add(cheap, 0);

    assertEquals(cheap, machine.takeEnded(machine.nextNanos()));
    assertTrue(functions.killed[cheap]);
    assertEquals(dear, endAt(machine, 100 * MILLI));
    assertFalse(functions.killed[dear]);
  }

  @Test
  void lastOne_isKilled_whenItIsLargerThanTheMachine() {
    var machine = new SwappingMachine(functions, 2, 2, SMALL, true);
    int large = function(100, 1, 20 * GB);
    machine.add(large, 0);

    assertEquals(large, machine.takeEnded(machine.nextNanos()));
    assertTrue(functions.killed[large]);
    assertEquals(0, machine.functions());
  }

  private record End(long sequence, long nanos) {}

  private static List<End> run(Function<Functions, Machine> machine, Memory memory) {
    long seed = Long.getLong("fareway.seed", 11);
    System.out.println("fareway.seed=" + seed);
    var table = new Functions();
    Machine host = machine.apply(table);
    var ends = new ArrayList<End>();
    var recorder =
        new Recorder() {
          @Override
          public void ended(Functions functions, int function, long nowNanos) {
            ends.add(new End(functions.sequence[function], nowNanos));
          }

          @Override
          public void sampled(Simulation simulation) {
            long resident = host.residentBytes(simulation.nowNanos());
            assertTrue(resident >= 0 && resident <= memory.totalBytes(), "resident " + resident);
            long swapped = host.swappedBytes();
            assertTrue(swapped >= 0 && swapped <= memory.swap().sizeBytes(), "swapped " + swapped);
          }
        };
    new Simulation(
            new Simulation.Options(0, 7 * MILLI, Long.MAX_VALUE / 2),
            table,
            new Machine[] {host},
            new PaperWorkload(
                Runtimes.DEFAULTS,
                PriceClasses.bimodal(5, 0.3),
                PaperWorkload.MemoryRange.PAPER,
                LoadProfile.constant(1.1, 60_000 * MILLI),
                8,
                seed),
            recorder,
            simulation -> function -> simulation.place(function, 0))
        .run();
    return ends;
  }

  @Test
  void ends_areThoseOfAPriorityMachine_whileMemoryIsPlenty() {
    var plenty = new Memory(1L << 60, GB / 10, SwapDevice.free(0));

    assertEquals(
        run(table -> new PriorityMachine(table, 8, 5), plenty),
        run(table -> new SwappingMachine(table, 8, 5, plenty, true), plenty));
  }

  @Test
  void memoryAndSwap_keepTheirBounds_underRandomLoad() {
    var memory = new Memory(32 * GB, GB / 10, new SwapDevice(60 * GB, 2 * GB, 2 * GB, 100_000));

    List<End> ends = run(table -> new SwappingMachine(table, 8, 5, memory, true), memory);

    assertTrue(ends.size() > 3000, "only " + ends.size());
  }
}
