package dev.fareway.simulator.scheduler;

import dev.fareway.simulator.engine.Scheduler;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.machine.Machine;

/**
 * The bound: one scheduler that sees all machines as they are at this very moment, at no cost. Of
 * all machines it takes the one with the fewest functions that would go before the new one, ties by
 * the fewest functions, then the first from a place that moves on, so that no machine is favoured.
 * The machines are Fareway's: what separates the two is what Fareway does not know.
 *
 * <p>Source: none; "join the shortest queue" over all servers, with ranks. Not a bound in the
 * strict sense: it does not know run times.
 */
final class FullKnowledgeScheduler implements Scheduler {
  private final Simulation simulation;
  private int start;

  FullKnowledgeScheduler(Simulation simulation) {
    this.simulation = simulation;
  }

  @Override
  public void arrived(int function) {
    int rank = simulation.functions().rank[function];
    int machines = simulation.machines();
    int best = -1;
    int fewestBefore = Integer.MAX_VALUE;
    int fewest = Integer.MAX_VALUE;
    for (int i = 0; i < machines; i++) {
      int index = start + i < machines ? start + i : start + i - machines;
      Machine machine = simulation.machine(index);
      int functions = machine.functions();
      int before = functions == 0 ? 0 : machine.functionsFrom(rank);
      if (before < fewestBefore || (before == fewestBefore && functions < fewest)) {
        best = index;
        fewestBefore = before;
        fewest = functions;
      }
    }
    start = start + 1 == machines ? 0 : start + 1;
    simulation.send(function, best);
  }
}
