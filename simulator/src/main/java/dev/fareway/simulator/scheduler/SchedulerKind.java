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
  FULL_KNOWLEDGE("Full knowledge"),
  HERMOD("Hermod"),
  PREQUAL("Prequal"),
  JOIN_IDLE_QUEUE("Join-Idle-Queue"),
  KNATIVE("Knative"),
  SPARROW("Sparrow"),
  OPENWHISK("OpenWhisk");

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

  /** Whether it swaps the memory of the cheapest; the others know nothing of price classes. */
  public boolean swapsByClass() {
    return switch (this) {
      case FAREWAY, FULL_KNOWLEDGE -> true;
      case HERMOD, PREQUAL, JOIN_IDLE_QUEUE, KNATIVE, SPARROW, OPENWHISK -> false;
    };
  }

  /**
   * A machine of the kind that this scheduler works with, with as much memory as it likes.
   *
   * @param ranks how many price classes there are
   */
  public Machine machine(Functions functions, int cores, int ranks) {
    return switch (this) {
      case FAREWAY, FULL_KNOWLEDGE -> new PriorityMachine(functions, cores, ranks);
      case HERMOD, PREQUAL, JOIN_IDLE_QUEUE, KNATIVE -> new SharingMachine(functions, cores);
      case SPARROW, OPENWHISK -> new PriorityMachine(functions, cores, 1);
    };
  }

  /**
   * A machine with as much memory as given, of the kind that this scheduler works with.
   *
   * @param ranks how many price classes there are
   */
  public Machine machine(Functions functions, int cores, int ranks, Memory memory) {
    return switch (this) {
      case FAREWAY, FULL_KNOWLEDGE -> new SwappingMachine(functions, cores, ranks, memory, true);
      case HERMOD, PREQUAL, JOIN_IDLE_QUEUE, KNATIVE ->
          new SharingMachine(functions, cores, memory);
      case SPARROW, OPENWHISK -> new SwappingMachine(functions, cores, 1, memory, false);
    };
  }

  /**
   * The scheduler, for a simulation at its beginning.
   *
   * @param options Fareway's; others take from it how many shards (dispatchers, clients) and
   *     choices there are
   * @param cores of a machine
   * @param memoryBytes of a machine
   */
  public Scheduler scheduler(
      Simulation simulation, FarewayOptions options, int cores, long memoryBytes, long seed) {
    var random = Seeds.stream(seed, Seeds.Stream.SCHEDULER);
    return switch (this) {
      case FAREWAY ->
          new FarewayScheduler(
              simulation,
              options,
              memoryBytes,
              random,
              Seeds.stream(seed, Seeds.Stream.DISPATCHERS));
      case FULL_KNOWLEDGE -> new FullKnowledgeScheduler(simulation);
      case HERMOD -> new HermodScheduler(simulation, options.k(), random);
      case PREQUAL -> new PrequalScheduler(simulation, options.shards(), random);
      case JOIN_IDLE_QUEUE ->
          new JoinIdleQueueScheduler(simulation, cores, options.shards(), random);
      case KNATIVE -> new KnativeScheduler(simulation);
      case SPARROW -> new SparrowScheduler(simulation, cores, options.k(), random);
      case OPENWHISK -> new OpenWhiskScheduler(simulation, cores, random);
    };
  }
}
