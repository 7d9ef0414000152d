package dev.fareway.simulator.scheduler;

import dev.fareway.simulator.engine.Scheduler;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.machine.Functions;
import dev.fareway.simulator.machine.Machine;
import dev.fareway.simulator.machine.Memory;
import dev.fareway.simulator.machine.PriorityMachine;
import dev.fareway.simulator.machine.SharingMachine;
import dev.fareway.simulator.machine.SwappingMachine;
import dev.fareway.simulator.workload.Seeds;
import java.util.Locale;

/** The schedulers that can be compared, each with the machine scheduler that it works with. */
public enum SchedulerKind {
  FAREWAY("Fareway"),
  HERMOD("Hermod");

  private final String title;

  SchedulerKind(String title) {
    this.title = title;
  }

  /** Its name, as people write it. */
  public String title() {
    return title;
  }

  /** Its name in files and options. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * A machine of the kind that this scheduler works with, with as much memory as it likes.
   *
   * @param ranks how many price classes there are
   */
  public Machine machine(Functions functions, int cores, int ranks) {
    return switch (this) {
      case FAREWAY -> new PriorityMachine(functions, cores, ranks);
      case HERMOD -> new SharingMachine(functions, cores);
    };
  }

  /**
   * A machine with as much memory as given, of the kind that this scheduler works with.
   *
   * @param ranks how many price classes there are
   */
  public Machine machine(Functions functions, int cores, int ranks, Memory memory) {
    return switch (this) {
      case FAREWAY -> new SwappingMachine(functions, cores, ranks, memory, true);
      case HERMOD -> throw new IllegalArgumentException(this + " knows nothing of memory");
    };
  }

  /** The scheduler, for a simulation at its beginning. */
  public Scheduler scheduler(
      Simulation simulation, FarewayOptions options, long memoryBytes, long seed) {
    var random = Seeds.stream(seed, Seeds.Stream.SCHEDULER);
    return switch (this) {
      case FAREWAY ->
          new FarewayScheduler(
              simulation,
              options,
              memoryBytes,
              random,
              Seeds.stream(seed, Seeds.Stream.DISPATCHERS));
      case HERMOD -> new HermodScheduler(simulation, options.k(), random);
    };
  }
}
