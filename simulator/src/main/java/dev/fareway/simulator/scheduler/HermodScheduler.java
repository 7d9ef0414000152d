package dev.fareway.simulator.scheduler;

import dev.fareway.simulator.engine.Scheduler;
import dev.fareway.simulator.engine.Simulation;
import java.util.random.RandomGenerator;

/**
 * Hermod as the paper simulates it (section 4.2): the least loaded of k machines by running
 * functions, early binding; the machines share their processors equally. Price classes are ignored.
 *
 * <p>Source: Kaffes, Yadwadkar, Kozyrakis, "Hermod: principled and practical scheduling for
 * serverless functions", SoCC 2022. Simplified: its packing at low load and its preference for
 * machines with a warm instance are left out, since here no start is cold.
 */
final class HermodScheduler implements Scheduler {
  private final Simulation simulation;
  private final Draws draws;

  HermodScheduler(Simulation simulation, int k, RandomGenerator random) {
    this.simulation = simulation;
    this.draws = new Draws(random, simulation.machines(), k);
  }

  @Override
  public void arrived(int function) {
    int best = -1;
    int fewest = Integer.MAX_VALUE;
    for (int machine : draws.next()) {
      int functions = simulation.machine(machine).functions();
      if (functions < fewest) {
        fewest = functions;
        best = machine;
      }
    }
    simulation.send(function, best);
  }
}
