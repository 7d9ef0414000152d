package dev.fareway.simulator.engine;

import dev.fareway.simulator.machine.Functions;
import dev.fareway.simulator.machine.Machine;
import java.util.function.Function;

/**
 * One run: a workload, a global scheduler and machines. Nothing in it reads a clock or a random
 * source of its own: the same parts give the same run. Not thread-safe.
 */
public final class Simulation {
  private static final int ARRIVAL = 0;
  private static final int MACHINE = 1;
  private static final int SCHEDULER = 2;
  private static final int DELIVERY = 3;
  private static final int SAMPLE = 4;

  /**
   * How the parts reach each other.
   *
   * @param messageNanos how long a message between a scheduler and a machine takes, 0 or more; the
   *     paper's is 0
   * @param sampleNanos how often the recorder looks at the machines while functions arrive; 0:
   *     never
   * @param limitNanos a run that is not over by then is given up: a scheduler has lost a function
   */
  public record Options(long messageNanos, long sampleNanos, long limitNanos) {
    public Options {
      if (messageNanos < 0 || sampleNanos < 0 || limitNanos < 1) {
        throw new IllegalArgumentException(
            "messageNanos %d, sampleNanos %d, limitNanos %d: out of range"
                .formatted(messageNanos, sampleNanos, limitNanos));
      }
    }
  }

  private final EventQueue events = new EventQueue();
  private final Options options;
  private final Functions functions;
  private final Machine[] machines;
  private final int[] machineSlots;
  private final Workload workload;
  private final Recorder recorder;
  private final Scheduler scheduler;
  private final int arrivalSlot;
  private final int sampleSlot;
  private boolean arriving;
  private long arrived;

  /** A run at time 0. */
  public Simulation(
      Options options,
      Functions functions,
      Machine[] machines,
      Workload workload,
      Recorder recorder,
      Function<Simulation, Scheduler> scheduler) {
    this.options = options;
    this.functions = functions;
    this.machines = machines.clone();
    this.workload = workload;
    this.recorder = recorder;
    this.machineSlots = new int[machines.length];
    for (int i = 0; i < machines.length; i++) {
      machineSlots[i] = events.slot(MACHINE, i);
    }
    this.arrivalSlot = events.slot(ARRIVAL, 0);
    this.sampleSlot = events.slot(SAMPLE, 0);
    this.scheduler = scheduler.apply(this);
  }

  /**
   * Runs until all functions of the workload have ended.
   *
   * @throws IllegalStateException if it is not over at the limit
   */
  public void run() {
    arriving = workload.next();
    if (arriving) {
      events.set(arrivalSlot, workload.arrivalNanos());
    }
    if (options.sampleNanos > 0) {
      events.set(sampleSlot, options.sampleNanos);
    }
    while ((arriving || functions.size() > 0) && events.next()) {
      switch (events.kind()) {
        case ARRIVAL -> arrive();
        case MACHINE -> settle(events.subject());
        case SCHEDULER -> scheduler.due(events.subject(), events.detail());
        case DELIVERY -> place(events.subject(), (int) events.detail());
        case SAMPLE -> sample();
        default -> throw new IllegalStateException("no kind of event: " + events.kind());
      }
      if (events.nowNanos() > options.limitNanos) {
        break;
      }
    }
    if (arriving || functions.size() > 0) {
      throw new IllegalStateException(
          "at %.3f s of simulated time %d functions have not ended"
              .formatted(events.nowNanos() / 1e9, functions.size()));
    }
  }

  /** The simulated time. */
  public long nowNanos() {
    return events.nowNanos();
  }

  /** The functions that wait or run. */
  public Functions functions() {
    return functions;
  }

  /** How many machines there are. */
  public int machines() {
    return machines.length;
  }

  /** A machine, as it is at this moment. */
  public Machine machine(int index) {
    return machines[index];
  }

  /** How long a message between a scheduler and a machine takes. */
  public long messageNanos() {
    return options.messageNanos;
  }

  /** How many functions have arrived. */
  public long arrived() {
    return arrived;
  }

  /** How many events have happened. */
  public long events() {
    return events.taken();
  }

  /** Puts a function on a machine at this moment. */
  public void place(int function, int machine) {
    // What ends at this very moment goes first: it doesn't count any more.
    end(machine);
    functions.machine[function] = machine;
    machines[machine].add(function, events.nowNanos());
    setTime(machine);
    scheduler.placed(function, machine);
  }

  /** Sends a function to a machine: it is there after the time that a message takes. */
  public void send(int function, int machine) {
    if (options.messageNanos == 0) {
      place(function, machine);
    } else {
      events.once(events.nowNanos() + options.messageNanos, DELIVERY, function, machine);
    }
  }

  /** Calls {@link Scheduler#due} after a while. */
  public void later(long delayNanos, int subject, long detail) {
    events.once(events.nowNanos() + delayNanos, SCHEDULER, subject, detail);
  }

  private void arrive() {
    int function =
        functions.take(
            workload.arrivalNanos(),
            workload.runtimeNanos(),
            workload.rank(),
            workload.kind(),
            workload.memoryBytes());
    arrived++;
    arriving = workload.next();
    if (arriving) {
      events.set(arrivalSlot, workload.arrivalNanos());
    }
    scheduler.arrived(function);
  }

  private void settle(int machine) {
    end(machine);
    setTime(machine);
  }

  private void end(int machine) {
    Machine host = machines[machine];
    for (int ended = host.takeEnded(nowNanos()); ended >= 0; ended = host.takeEnded(nowNanos())) {
      recorder.ended(functions, ended, nowNanos());
      scheduler.ended(ended, machine);
      functions.giveBack(ended);
    }
  }

  private void setTime(int machine) {
    long next = machines[machine].nextNanos();
    if (next == Long.MAX_VALUE) {
      events.clear(machineSlots[machine]);
    } else {
      events.set(machineSlots[machine], Math.max(next, nowNanos()));
    }
  }

  private void sample() {
    if (arriving) {
      recorder.sampled(this);
      events.set(sampleSlot, nowNanos() + options.sampleNanos);
    }
  }
}
