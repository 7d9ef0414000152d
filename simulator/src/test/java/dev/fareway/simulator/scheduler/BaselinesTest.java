package dev.fareway.simulator.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.simulator.engine.Recorder;
import dev.fareway.simulator.engine.Scheduler;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.engine.Workload;
import dev.fareway.simulator.machine.Functions;
import dev.fareway.simulator.machine.Machine;
import dev.fareway.simulator.machine.PriorityMachine;
import dev.fareway.simulator.machine.SharingMachine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What makes each of the baselines what it is, on workloads of a few functions. */
class BaselinesTest {
  private static final long MILLI = 1_000_000L;

  private record Call(long atMillis, long runsMillis, int rank, int kind) {}

  private record End(int machine, double latencyMillis) {}

  private static final class Calls implements Workload {
    private final List<Call> calls;
    private int at = -1;

    Calls(List<Call> calls) {
      this.calls = calls;
    }

    @Override
    public boolean next() {
      return ++at < calls.size();
    }

    @Override
    public long arrivalNanos() {
      return calls.get(at).atMillis * MILLI;
    }

    @Override
    public long runtimeNanos() {
      return calls.get(at).runsMillis * MILLI;
    }

    @Override
    public int rank() {
      return calls.get(at).rank;
    }

    @Override
    public int kind() {
      return calls.get(at).kind;
    }

    @Override
    public long memoryBytes() {
      return 0;
    }
  }

  /** Where each call ran and how long it took, in the order of arrival. */
  private static List<End> run(
      int machineCount,
      long messageMillis,
      Function<Functions, Machine> machine,
      Function<Simulation, Scheduler> scheduler,
      List<Call> calls) {
    var functions = new Functions();
    var machines = new Machine[machineCount];
    Arrays.setAll(machines, _ -> machine.apply(functions));
    var ends = new End[calls.size()];
    Recorder recorder =
        (table, function, nowNanos) ->
            ends[(int) table.sequence[function]] =
                new End(
                    table.machine[function],
                    (double) (nowNanos - table.arrivalNanos[function]) / MILLI);
    new Simulation(
            new Simulation.Options(messageMillis * MILLI, 0, 1_000_000 * MILLI),
            functions,
            machines,
            new Calls(calls),
            recorder,
            scheduler)
        .run();
    return List.of(ends);
  }

  private static List<Call> atOnce(int count, long runsMillis) {
    return IntStream.range(0, count).mapToObj(_ -> new Call(0, runsMillis, 0, 0)).toList();
  }

  private static SplittableRandom random() {
    return new SplittableRandom(1);
  }

  @Test
  void openWhisk_keepsAFunctionAtHome_whileItHasSlots() {
    var calls = new ArrayList<Call>();
    for (int i = 0; i < 20; i++) {
      calls.add(new Call(i * 100L, 50, 0, 7));
    }

    List<End> ends =
        run(
            10,
            0,
            functions -> new PriorityMachine(functions, 2, 1),
            simulation -> new OpenWhiskScheduler(simulation, 2, random()),
            calls);

    assertEquals(1, ends.stream().map(End::machine).distinct().count());
  }

  @Test
  void openWhisk_goesOnInSteps_andQueuesOnlyWhenAllAreFull() {
    List<End> ends =
        run(
            5,
            0,
            functions -> new PriorityMachine(functions, 2, 1),
            simulation -> new OpenWhiskScheduler(simulation, 2, random()),
            atOnce(11, 50));

    // Ten slots on five invokers: ten run at once, two on each; the last waits.
    for (int machine = 0; machine < 5; machine++) {
      int index = machine;
      assertEquals(2, ends.subList(0, 10).stream().filter(end -> end.machine == index).count());
    }
    assertTrue(ends.subList(0, 10).stream().allMatch(end -> end.latencyMillis == 50));
    assertEquals(100, ends.get(10).latencyMillis);
  }

  @Test
  void sparrow_bindsLate_soThatNobodyWaitsWhileASampledWorkerIsFree() {
    // Both workers are sampled for all: the third function goes to the one that is free first.
    var calls = List.of(new Call(0, 100, 0, 0), new Call(0, 30, 0, 0), new Call(1, 10, 0, 0));

    List<End> ends =
        run(
            2,
            0,
            functions -> new PriorityMachine(functions, 1, 1),
            simulation -> new SparrowScheduler(simulation, 1, 2, random()),
            calls);

    assertEquals(39, ends.get(2).latencyMillis);
    assertEquals(ends.get(1).machine, ends.get(2).machine);
  }

  @Test
  void sparrow_leavesASlotIdleForARoundTrip_whenMessagesTakeTime() {
    List<End> ends =
        run(
            1,
            2,
            functions -> new PriorityMachine(functions, 1, 1),
            simulation -> new SparrowScheduler(simulation, 1, 2, random()),
            atOnce(2, 10));

    // Reservation, question and function take 2 ms each.
    assertEquals(16, ends.get(0).latencyMillis);
    // The second is asked for when the first has ended.
    assertEquals(30, ends.get(1).latencyMillis);
  }

  @Test
  void joinIdleQueue_findsEveryIdleCore_beforeItSharesOne() {
    List<End> ends =
        run(
            3,
            0,
            functions -> new SharingMachine(functions, 2),
            simulation -> new JoinIdleQueueScheduler(simulation, 2, 1, random()),
            atOnce(6, 40));

    assertTrue(ends.stream().allMatch(end -> end.latencyMillis == 40), ends.toString());
  }

  @Test
  void joinIdleQueue_learnsOfACoreThatBecomesIdle() {
    var calls = new ArrayList<Call>();
    for (int machine = 0; machine < 4; machine++) {
      calls.add(new Call(0, machine == 2 ? 10 : 1000, 0, 0));
    }
    calls.add(new Call(50, 20, 0, 0));

    List<End> ends =
        run(
            4,
            0,
            functions -> new SharingMachine(functions, 1),
            simulation -> new JoinIdleQueueScheduler(simulation, 1, 1, random()),
            calls);

    assertEquals(20, ends.get(4).latencyMillis);
    assertEquals(ends.get(2).machine, ends.get(4).machine);
  }

  @Test
  void prequal_avoidsTheHot_onceItHasProbed() {
    // One machine is drowned before the others get anything; then calls trickle in.
    var calls = new ArrayList<Call>();
    for (int i = 0; i < 200; i++) {
      calls.add(new Call(10 + i * 20L, 15, 0, 0));
    }
    var drowned = new ArrayList<Call>(atOnce(40, 100_000));
    drowned.addAll(calls);

    List<End> ends =
        run(
            8,
            0,
            functions -> new SharingMachine(functions, 2),
            simulation -> {
              var prequal = new PrequalScheduler(simulation, 1, random());
              return new Scheduler() {
                @Override
                public void arrived(int function) {
                  if (simulation.nowNanos() == 0) {
                    simulation.send(function, 0);
                  } else {
                    prequal.arrived(function);
                  }
                }

                @Override
                public void placed(int function, int machine) {
                  prequal.placed(function, machine);
                }

                @Override
                public void ended(int function, int machine) {
                  prequal.ended(function, machine);
                }
              };
            },
            drowned);

    long onDrowned = ends.subList(40, 240).stream().filter(end -> end.machine == 0).count();
    // By chance it would be 25.
    assertTrue(onDrowned <= 5, onDrowned + " of 200 went to the machine that is drowned");
  }

  @Test
  void knative_queuesCentrally_untilTheAutoscalerHasLooked() {
    // 8 requests of 1 s at once: one pod works, one request is in its queue, six wait centrally.
    List<End> ends =
        run(
            8,
            0,
            functions -> new SharingMachine(functions, 1),
            KnativeScheduler::new,
            atOnce(8, 1000));

    assertEquals(1000, ends.get(0).latencyMillis);
    // After 2 s the autoscaler sees more than one pod can do, and starts others.
    assertTrue(ends.stream().allMatch(end -> end.latencyMillis <= 4000), ends.toString());
    assertTrue(ends.stream().map(End::machine).distinct().count() > 2, ends.toString());
  }

  @Test
  void knative_startsAPodAtOnce_afterAllWentAway() {
    List<End> ends =
        run(
            2,
            0,
            functions -> new SharingMachine(functions, 1),
            KnativeScheduler::new,
            List.of(new Call(0, 100, 0, 0), new Call(300_000, 100, 0, 0)));

    assertEquals(100, ends.get(1).latencyMillis);
  }

  @Test
  void fullKnowledge_looksOnlyAtWhoGoesBefore() {
    // Machine 0 gets a cheap function more than machine 1 has of dear ones.
    var calls =
        List.of(
            new Call(0, 100, 0, 0),
            new Call(0, 100, 1, 0),
            new Call(1, 100, 0, 0),
            new Call(2, 50, 1, 0));

    List<End> ends =
        run(
            2,
            0,
            functions -> new PriorityMachine(functions, 1, 2),
            FullKnowledgeScheduler::new,
            calls);

    // The dear one at 2 ms goes where only cheap ones are, and takes the core from them.
    assertEquals(50, ends.get(3).latencyMillis);
    assertEquals(ends.get(0).machine, ends.get(3).machine);
  }
}
