package dev.fareway.simulator.scheduler;

import dev.fareway.simulator.engine.Scheduler;
import dev.fareway.simulator.engine.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * OpenWhisk: each function has a home invoker by its hash; while that has no free slot, the search
 * goes on in steps of a size that belongs to the function, too, and has no factor in common with
 * the number of invokers. When no invoker has a free slot, a random one gets it into its queue. An
 * invoker runs as many as it has cores, each to completion, first come first served.
 *
 * <p>Source: Apache OpenWhisk, {@code ShardingContainerPoolBalancer}, and its documentation of the
 * path of an invocation (docs/about.md). Simplified: one controller, which knows all slots (several
 * ones share them out); a slot is a core (OpenWhisk counts memory that developers reserve, here
 * none is reserved); starts are never cold, so what homes are for is lost, and what they cost
 * remains.
 */
final class OpenWhiskScheduler implements Scheduler {
  private final Simulation simulation;
  private final RandomGenerator random;
  private final int cores;

  /** By invoker: slots taken, of functions there and on their way. */
  private final int[] taken;

  private final int[] steps;

  OpenWhiskScheduler(Simulation simulation, int cores, RandomGenerator random) {
    this.simulation = simulation;
    this.random = random;
    this.cores = cores;
    this.taken = new int[simulation.machines()];
    this.steps = steps(simulation.machines());
  }

  @Override
  public void arrived(int function) {
    int kind = simulation.functions().kind[function];
    int hash = hash(kind);
    int machines = taken.length;
    int step = steps[hash % steps.length];
    int machine = hash % machines;
    for (int tried = 0; taken[machine] >= cores && tried < machines; tried++) {
      machine = (machine + step) % machines;
    }
    if (taken[machine] >= cores) {
      machine = random.nextInt(machines);
    }
    taken[machine]++;
    simulation.send(function, machine);
  }

  @Override
  public void ended(int function, int machine) {
    taken[machine]--;
  }

  /** Spreads numbers that lie beside each other; not negative. */
  private static int hash(int kind) {
    int mixed = kind * 0x9e3779b9;
    mixed ^= mixed >>> 16;
    mixed *= 0x85ebca6b;
    mixed ^= mixed >>> 13;
    return mixed & Integer.MAX_VALUE;
  }

  /** Numbers that have no factor in common with that of the invokers, nor with each other. */
  private static int[] steps(int machines) {
    List<Integer> found = new ArrayList<>();
    for (int candidate = 1; candidate <= machines; candidate++) {
      int number = candidate;
      if (gcd(number, machines) == 1 && found.stream().allMatch(other -> gcd(number, other) == 1)) {
        found.add(number);
      }
    }
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
