package dev.fareway.simulator.bench;

import dev.fareway.scheduler.core.QueueDiscipline;
import dev.fareway.simulator.engine.EventQueue;
import dev.fareway.simulator.engine.Scheduler;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.engine.Workload;
import dev.fareway.simulator.machine.Functions;
import dev.fareway.simulator.machine.Machine;
import dev.fareway.simulator.scheduler.FarewayOptions;
import dev.fareway.simulator.scheduler.SchedulerKind;
import dev.fareway.simulator.workload.LoadProfile;
import dev.fareway.simulator.workload.PaperWorkload;
import dev.fareway.simulator.workload.PriceClasses;
import dev.fareway.simulator.workload.Runtimes;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Events a second on one core, at the paper's size: 100 machines of 8 cores, load 0.9. A function
 * is two events, its arrival and its end.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class SimulationBenchmark {
  private static final int MACHINES = 100;
  private static final int CORES = 8;
  private static final long SECOND = 1_000_000_000L;
  private static final PriceClasses CLASSES = PriceClasses.bimodal(5, 0.3);

  /** Counted beside the runs. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Counted {
    /** Events of all runs. */
    public long events;
  }

  /** The event queue alone. */
  @State(Scope.Thread)
  public static class Queue {
    final EventQueue events = new EventQueue();
    final long[] delays = new long[1 << 12];
    int at;

    public Queue() {
      var random = new SplittableRandom(1);
      Arrays.setAll(delays, _ -> random.nextLong(1, 100_000_000L));
      for (int i = 0; i <= MACHINES; i++) {
        events.set(events.slot(1, i), delays[i]);
      }
    }
  }

  /** Which parts a run is made of. */
  @State(Scope.Thread)
  public static class Parts {
    /**
     * {@code engine}: the next machine in turn, and a workload drawn ahead, so that engine and
     * machines are measured; the others are whole simulations with the paper's workload.
     */
    @Param({"engine", "hermod", "fareway"})
    public String run = "engine";

    private final Drawn drawn = new Drawn();

    Simulation simulation() {
      var functions = new Functions();
      SchedulerKind kind = run.equals("hermod") ? SchedulerKind.HERMOD : SchedulerKind.FAREWAY;
      var machines = new Machine[MACHINES];
      Arrays.setAll(machines, _ -> kind.machine(functions, CORES, CLASSES.count()));
      boolean engine = run.equals("engine");
      var options =
          new FarewayOptions(
              4,
              3,
              QueueDiscipline.PRICE_TIMES_WAIT,
              false,
              0,
              100_000_000L,
              0,
              CLASSES.pricesNanoUnits());
      return new Simulation(
          new Simulation.Options(0, 0, 1000 * SECOND),
          functions,
          machines,
          engine ? drawn.again() : paper(),
          (_, _, _) -> {},
          simulation ->
              engine
                  ? new InTurn(simulation)
                  : kind.scheduler(simulation, options, CORES, 1L << 60, 1));
    }
  }

  private static Workload paper() {
    return new PaperWorkload(
        Runtimes.DEFAULTS,
        CLASSES,
        PaperWorkload.MemoryRange.PAPER,
        LoadProfile.constant(0.9, 10 * SECOND),
        MACHINES * CORES,
        1);
  }

  /** The paper's workload, drawn once. */
  private static final class Drawn implements Workload {
    private final long[] arrivals = new long[100_000];
    private final long[] runtimes = new long[100_000];
    private final int[] ranks = new int[100_000];
    private int count;
    private int at;

    Drawn() {
      Workload paper = paper();
      while (count < arrivals.length && paper.next()) {
        arrivals[count] = paper.arrivalNanos();
        runtimes[count] = paper.runtimeNanos();
        ranks[count] = paper.rank();
        count++;
      }
    }

    Drawn again() {
      at = -1;
      return this;
    }

    @Override
    public boolean next() {
      return ++at < count;
    }

    @Override
    public long arrivalNanos() {
      return arrivals[at];
    }

    @Override
    public long runtimeNanos() {
      return runtimes[at];
    }

    @Override
    public int rank() {
      return ranks[at];
    }

    @Override
    public int kind() {
      return 0;
    }

    @Override
    public long memoryBytes() {
      return 0;
    }
  }

  private static final class InTurn implements Scheduler {
    private final Simulation simulation;
    private int next;

    InTurn(Simulation simulation) {
      this.simulation = simulation;
    }

    @Override
    public void arrived(int function) {
      next = next == MACHINES - 1 ? 0 : next + 1;
      simulation.send(function, next);
    }
  }

  /** One event taken and one set, among as many as there are machines. */
  @Benchmark
  public long queue(Queue queue) {
    EventQueue events = queue.events;
    events.next();
    queue.at = (queue.at + 1) & (queue.delays.length - 1);
    // Slots were given out in the order of their subjects.
    events.set(events.subject(), events.nowNanos() + queue.delays[queue.at]);
    return events.detail();
  }

  /** Ten simulated seconds. */
  @Benchmark
  public long run(Parts parts, Counted counted) {
    Simulation simulation = parts.simulation();
    simulation.run();
    counted.events += simulation.events();
    return simulation.arrived();
  }
}
