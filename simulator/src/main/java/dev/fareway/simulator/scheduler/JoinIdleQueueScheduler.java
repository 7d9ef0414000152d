package dev.fareway.simulator.scheduler;

import dev.fareway.simulator.engine.Scheduler;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.machine.IntDeque;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Join-Idle-Queue: each of several dispatchers has a queue of idle processors. A function goes to
 * the first idle one of its dispatcher, to a random one where the dispatcher knows of none. When a
 * processor becomes idle it joins the shorter of two queues drawn at random (the paper's
 * JIQ-SQ(2)). Machines share their processors; price classes are ignored.
 *
 * <p>Source: Lu, Xie, Kliot, Geller, Larus, Greenberg, "Join-Idle-Queue: a novel load balancing
 * algorithm for dynamically scalable web services", Performance Evaluation 68(11), 2011. Carried
 * over to machines of several cores: an entry is an idle core, and a machine has at most as many
 * entries out as it has idle cores when it adds one. Simplified: an entry is not taken back when a
 * function comes by chance from another dispatcher.
 */
final class JoinIdleQueueScheduler implements Scheduler {
  private static final int JOIN = 0;

  private final Simulation simulation;
  private final RandomGenerator random;
  private final int cores;
  private final IntDeque[] idle;

  /** By machine: entries of its in any queue, or on their way there. */
  private final int[] entries;

  /**
   * @param dispatchers how many there are, 1 or more
   */
  JoinIdleQueueScheduler(
      Simulation simulation, int cores, int dispatchers, RandomGenerator random) {
    this.simulation = simulation;
    this.random = random;
    this.cores = cores;
    this.entries = new int[simulation.machines()];
    this.idle = new IntDeque[dispatchers];
    Arrays.setAll(idle, _ -> new IntDeque());
    for (int core = 0; core < cores; core++) {
      for (int machine = 0; machine < entries.length; machine++) {
        entries[machine]++;
        idle[(core * entries.length + machine) % dispatchers].addLast(machine);
      }
    }
  }

  @Override
  public void arrived(int function) {
    IntDeque known = idle[random.nextInt(idle.length)];
    int machine;
    if (known.size() > 0) {
      machine = known.removeFirst();
      entries[machine]--;
    } else {
      machine = random.nextInt(entries.length);
    }
    simulation.send(function, machine);
  }

  @Override
  public void ended(int function, int machine) {
    if (cores - simulation.machine(machine).functions() > entries[machine]) {
      entries[machine]++;
      if (simulation.messageNanos() > 0) {
        simulation.later(simulation.messageNanos(), JOIN, machine);
      } else {
        join(machine);
      }
    }
  }

  @Override
  public void due(int subject, long detail) {
    join((int) detail);
  }

  private void join(int machine) {
    IntDeque one = idle[random.nextInt(idle.length)];
    IntDeque other = idle[random.nextInt(idle.length)];
    (other.size() < one.size() ? other : one).addLast(machine);
  }
}
