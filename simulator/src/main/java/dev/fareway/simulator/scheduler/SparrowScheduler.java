package dev.fareway.simulator.scheduler;

import dev.fareway.simulator.engine.Scheduler;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.machine.IntDeque;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Sparrow: for each function, k workers get a reservation into their queues. A worker with a free
 * slot takes the reservation at the head and asks for the function; the first to ask gets it, the
 * others go on to their next reservation (late binding). A worker has a slot per core and runs each
 * function to completion; price classes are ignored.
 *
 * <p>Source: Ousterhout, Wendell, Zaharia, Stoica, "Sparrow: distributed, low latency scheduling",
 * SOSP 2013. Simplified: a function is a job of one task, so that batch sampling comes down to k
 * probes for one task (the paper's probe ratio is 2, here it is k); reservations that came too late
 * are not cancelled ahead, the worker finds out when it asks.
 */
final class SparrowScheduler implements Scheduler {
  /** Subjects of {@link Simulation#later}. */
  private static final int RESERVE = 0;

  private static final int ASKED = 1;
  private static final int REFUSED = 2;

  private static final int GONE = -1;

  private final Simulation simulation;
  private final Draws draws;

  /** By worker: the tickets that are reserved there, in order. */
  private final IntDeque[] reservations;

  /** By worker: slots with nothing to do. */
  private final int[] freeSlots;

  /** By ticket: the row of its function, or {@link #GONE} when it is under way. */
  private int[] rows = new int[256];

  /** By ticket: reservations that are not answered yet; the ticket is used again after the last. */
  private int[] open = new int[256];

  private final IntDeque freeTickets = new IntDeque();
  private int tickets;

  SparrowScheduler(Simulation simulation, int cores, int k, RandomGenerator random) {
    this.simulation = simulation;
    this.draws = new Draws(random, simulation.machines(), k);
    this.reservations = new IntDeque[simulation.machines()];
    Arrays.setAll(reservations, _ -> new IntDeque());
    this.freeSlots = new int[simulation.machines()];
    Arrays.fill(freeSlots, cores);
  }

  @Override
  public void arrived(int function) {
    int ticket = ticket(function);
    int[] drawn = draws.next();
    open[ticket] = drawn.length;
    if (simulation.messageNanos() > 0) {
      for (int worker : drawn) {
        simulation.later(simulation.messageNanos(), RESERVE, both(ticket, worker));
      }
    } else {
      for (int worker : drawn) {
        reservations[worker].addLast(ticket);
      }
      // All have it before anyone asks; who has a free slot asks first.
      for (int worker : drawn) {
        work(worker);
      }
    }
  }

  @Override
  public void ended(int function, int machine) {
    freeSlots[machine]++;
    work(machine);
  }

  @Override
  public void due(int subject, long detail) {
    int ticket = (int) (detail >>> 32);
    int worker = (int) detail;
    switch (subject) {
      case RESERVE -> {
        reservations[worker].addLast(ticket);
        work(worker);
      }
      case ASKED -> {
        if (!answer(ticket, worker)) {
          simulation.later(simulation.messageNanos(), REFUSED, both(ticket, worker));
        }
      }
      case REFUSED -> {
        freeSlots[worker]++;
        work(worker);
      }
      default -> throw new IllegalStateException("no such subject: " + subject);
    }
  }

  /** A worker asks for functions while it has free slots and reservations. */
  private void work(int worker) {
    IntDeque queue = reservations[worker];
    while (freeSlots[worker] > 0 && queue.size() > 0) {
      int ticket = queue.removeFirst();
      // While it asks, the slot waits.
      freeSlots[worker]--;
      if (simulation.messageNanos() > 0) {
        simulation.later(simulation.messageNanos(), ASKED, both(ticket, worker));
      } else if (!answer(ticket, worker)) {
        freeSlots[worker]++;
      }
    }
  }

  /** Whether the worker gets the function: it is the first to ask. */
  private boolean answer(int ticket, int worker) {
    int function = rows[ticket];
    rows[ticket] = GONE;
    open[ticket]--;
    if (open[ticket] == 0) {
      freeTickets.addLast(ticket);
    }
    if (function == GONE) {
      return false;
    }
    simulation.send(function, worker);
    return true;
  }

  private int ticket(int function) {
    int ticket = freeTickets.size() > 0 ? freeTickets.removeFirst() : tickets++;
    if (ticket == rows.length) {
      rows = Arrays.copyOf(rows, 2 * ticket);
      open = Arrays.copyOf(open, 2 * ticket);
    }
    rows[ticket] = function;
    return ticket;
  }

  private static long both(int ticket, int worker) {
    return (long) ticket << 32 | worker;
  }
}
