package dev.fareway.simulator.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.scheduler.core.QueueDiscipline;
import dev.fareway.simulator.engine.Recorder;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.machine.Functions;
import dev.fareway.simulator.machine.Machine;
import dev.fareway.simulator.workload.LoadProfile;
import dev.fareway.simulator.workload.PaperWorkload;
import dev.fareway.simulator.workload.PriceClasses;
import dev.fareway.simulator.workload.Runtimes;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SchedulersTest {
  private static final PriceClasses CLASSES = PriceClasses.bimodal(5, 0.3);
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;

  /** What must hold of every run, and mean slowdowns. */
  private static final class Checks implements Recorder {
    final double[] slowdown = new double[CLASSES.count()];
    final long[] count = new long[CLASSES.count()];
    final boolean[] seen = new boolean[1_000_000];
    long ended;

    @Override
    public void ended(Functions functions, int function, long nowNanos) {
      int sequence = (int) functions.sequence[function];
      assertTrue(!seen[sequence], "ended twice");
      seen[sequence] = true;
      ended++;
      long latency = nowNanos - functions.arrivalNanos[function];
      assertTrue(latency >= functions.runtimeNanos[function], "faster than it can run");
      int rank = functions.rank[function];
      slowdown[rank] += (double) latency / functions.runtimeNanos[function];
      count[rank]++;
    }

    double mean(int rank) {
      return slowdown[rank] / count[rank];
    }
  }

  private static FarewayOptions options(boolean idleList, long decisionNanos) {
    return new FarewayOptions(
        4,
        3,
        QueueDiscipline.PRICE_TIMES_WAIT,
        idleList,
        3L << 30,
        100_000_000L,
        decisionNanos,
        CLASSES.pricesNanoUnits());
  }

  private static Checks run(
      SchedulerKind kind, double load, long messageNanos, FarewayOptions options) {
    var functions = new Functions();
    var machines = new Machine[20];
    Arrays.setAll(machines, _ -> kind.machine(functions, 4, CLASSES.count()));
    var checks = new Checks();
    var simulation =
        new Simulation(
            new Simulation.Options(messageNanos, SECOND, 1000 * SECOND),
            functions,
            machines,
            new PaperWorkload(
                Runtimes.DEFAULTS,
                CLASSES,
                PaperWorkload.MemoryRange.PAPER,
                LoadProfile.constant(load, 10 * SECOND),
                80,
                5),
            checks,
            created -> kind.scheduler(created, options, 4, 1L << 60, 5));
    simulation.run();
    assertEquals(simulation.arrived(), checks.ended, "functions lost");
    assertEquals(0, functions.size());
    return checks;
  }

  @ParameterizedTest
  @EnumSource(SchedulerKind.class)
  void everyFunctionEndsOnce_underLoadAndOverload(SchedulerKind kind) {
    run(kind, 0.7, 0, options(false, 0));
    run(kind, 1.2, 0, options(false, 0));
  }

  @ParameterizedTest
  @EnumSource(SchedulerKind.class)
  void everyFunctionEndsOnce_whenMessagesTakeTime(SchedulerKind kind) {
    run(kind, 0.9, MILLI, options(true, MILLI));
  }

  @Test
  void fareway_placesElsewhere_whenIdleListsAreInUse() {
    Checks polled = run(SchedulerKind.FAREWAY, 0.9, 0, options(false, 0));
    Checks listed = run(SchedulerKind.FAREWAY, 0.9, 0, options(true, 0));

    assertNotEquals(polled.mean(0), listed.mean(0));
  }

  @Test
  void fareway_keepsItsDearestFromWaiting_whenShardsAreTheBottleneck() {
    // About 800 functions a second, four shards, 6 ms a decision: more than they can place.
    Checks checks = run(SchedulerKind.FAREWAY, 1, 0, options(false, 6 * MILLI));

    assertTrue(checks.mean(4) * 1.5 < checks.mean(0), checks.mean(4) + " " + checks.mean(0));
  }
}
