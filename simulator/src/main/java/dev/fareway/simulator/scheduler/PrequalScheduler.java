package dev.fareway.simulator.scheduler;

import dev.fareway.simulator.engine.Scheduler;
import dev.fareway.simulator.engine.Simulation;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Prequal: each client keeps a pool of answers to probes of random servers, and probes a few more
 * with each function, ahead of need. An answer tells how many requests are in flight at the server
 * and what latency it expects. Servers whose number in flight is beyond a quantile of the pool are
 * hot: among the cold ones the lowest latency wins, among hot ones only the fewest in flight.
 *
 * <p>Source: Wydrowski, Kleinberg, Rumble, Archer, "Load is not what you should balance:
 * introducing Prequal", NSDI 2024; its values: a pool of 16, 3 probes a request, an answer expires
 * after a second, the quantile is 2^-0.25, one answer is removed a request, by turns the oldest and
 * the worst, and an answer that was used counts one more in flight. Simplified: the latency that a
 * server expects is a moving average of those that it saw with about as many in flight (the paper:
 * the median of recent ones); an answer is used again as often as the average of its formula says,
 * rounded by chance. A client is a shard. Machines share their processors; price classes are
 * ignored.
 */
final class PrequalScheduler implements Scheduler {
  private static final int POOL = 16;
  private static final int PROBES = 3;
  private static final long EXPIRY_NANOS = 1_000_000_000L;
  private static final double HOT_QUANTILE = 0.8409;

  /** The paper's δ: how many more answers come in than are used up. */
  private static final double SURPLUS = 1;

  private static final int REMOVED = 1;

  /** Weight of a new latency in the average. */
  private static final double NEW = 0.1;

  private static final int ASK = 0;
  private static final int ANSWER = 1;

  private static final class Pool {
    final int[] machine = new int[POOL];
    final int[] inFlight = new int[POOL];
    final double[] latency = new double[POOL];
    final long[] atNanos = new long[POOL];
    final int[] uses = new int[POOL];
    int size;
    boolean removeWorst;
  }

  private final Simulation simulation;
  private final RandomGenerator random;
  private final Draws draws;
  private final Pool[] pools;
  private final double reuse;

  /** By machine and {@link #level}: average latency in nanoseconds; 0: none seen. */
  private final double[][] latencies;

  /** By row: how many were on its machine when it came. */
  private int[] met = new int[256];

  private final int[] sorted = new int[POOL];

  /**
   * @param clients how many there are, each with a pool of its own
   */
  PrequalScheduler(Simulation simulation, int clients, RandomGenerator random) {
    this.simulation = simulation;
    this.random = random;
    int machines = simulation.machines();
    this.draws = new Draws(random, machines, PROBES);
    this.pools = new Pool[clients];
    Arrays.setAll(pools, _ -> new Pool());
    this.latencies = new double[machines][32];
    double fresh = (1 - Math.min(1, (double) POOL / machines)) * PROBES - REMOVED;
    this.reuse = fresh > 0 ? Math.max(1, (1 + SURPLUS) / fresh) : PROBES;
  }

  @Override
  public void arrived(int function) {
    int client = random.nextInt(pools.length);
    Pool pool = pools[client];
    expire(pool);
    int machine = choose(pool);
    if (pool.size > 0) {
      remove(pool, pool.removeWorst ? worst(pool) : oldest(pool));
      pool.removeWorst = !pool.removeWorst;
    }
    for (int probed : draws.next()) {
      long detail = (long) client << 32 | probed;
      if (simulation.messageNanos() > 0) {
        simulation.later(simulation.messageNanos(), ASK, detail);
      } else {
        answer(pool, probed, simulation.machine(probed).functions());
      }
    }
    simulation.send(function, machine);
  }

  @Override
  public void placed(int function, int machine) {
    if (function >= met.length) {
      met = Arrays.copyOf(met, Math.max(2 * met.length, function + 1));
    }
    met[function] = simulation.machine(machine).functions();
  }

  @Override
  public void ended(int function, int machine) {
    double[] seen = latencies[machine];
    int level = level(met[function]);
    double latency = simulation.nowNanos() - simulation.functions().arrivalNanos[function];
    seen[level] = seen[level] == 0 ? latency : seen[level] + NEW * (latency - seen[level]);
  }

  @Override
  public void due(int subject, long detail) {
    int client = (int) (detail >>> 32);
    // An answer carries how many were in flight in the bits above the machine.
    int machine = (int) (detail & 0xffffff);
    if (subject == ASK) {
      int inFlight = Math.min(127, simulation.machine(machine).functions());
      simulation.later(simulation.messageNanos(), ANSWER, detail | (long) inFlight << 24);
    } else {
      answer(pools[client], machine, (int) (detail >>> 24 & 0x7f));
    }
  }

  private void answer(Pool pool, int machine, int inFlight) {
    int at = pool.size < POOL ? pool.size++ : oldest(pool);
    pool.machine[at] = machine;
    pool.inFlight[at] = inFlight;
    pool.latency[at] = expected(machine, inFlight);
    pool.atNanos[at] = simulation.nowNanos();
    int whole = (int) reuse;
    pool.uses[at] = whole + (random.nextDouble() < reuse - whole ? 1 : 0);
  }

  /** The latency at about so many in flight: the nearest level at which one was seen. */
  private double expected(int machine, int inFlight) {
    double[] seen = latencies[machine];
    int level = level(inFlight + 1);
    for (int away = 0; away < seen.length; away++) {
      if (level - away >= 0 && seen[level - away] > 0) {
        return seen[level - away];
      }
      if (level + away < seen.length && seen[level + away] > 0) {
        return seen[level + away];
      }
    }
    return 0;
  }

  private int choose(Pool pool) {
    if (pool.size < 2) {
      // Too few to tell.
      return random.nextInt(latencies.length);
    }
    System.arraycopy(pool.inFlight, 0, sorted, 0, pool.size);
    Arrays.sort(sorted, 0, pool.size);
    int hot = sorted[(int) Math.ceil(HOT_QUANTILE * pool.size) - 1];
    int best = -1;
    for (int i = 0; i < pool.size; i++) {
      if (best < 0 || isBetter(pool, i, best, hot)) {
        best = i;
      }
    }
    int machine = pool.machine[best];
    pool.inFlight[best]++;
    if (--pool.uses[best] == 0) {
      remove(pool, best);
    }
    return machine;
  }

  private static boolean isBetter(Pool pool, int a, int b, int hot) {
    boolean hotA = pool.inFlight[a] > hot;
    boolean hotB = pool.inFlight[b] > hot;
    if (hotA != hotB) {
      return hotB;
    }
    return hotA ? pool.inFlight[a] < pool.inFlight[b] : pool.latency[a] < pool.latency[b];
  }

  /** The most in flight; among cold ones it would be the slowest. */
  private static int worst(Pool pool) {
    int worst = 0;
    for (int i = 1; i < pool.size; i++) {
      if (pool.inFlight[i] > pool.inFlight[worst]
          || (pool.inFlight[i] == pool.inFlight[worst] && pool.latency[i] > pool.latency[worst])) {
        worst = i;
      }
    }
    return worst;
  }

  private static int oldest(Pool pool) {
    int oldest = 0;
    for (int i = 1; i < pool.size; i++) {
      if (pool.atNanos[i] < pool.atNanos[oldest]) {
        oldest = i;
      }
    }
    return oldest;
  }

  private void expire(Pool pool) {
    for (int i = pool.size - 1; i >= 0; i--) {
      if (simulation.nowNanos() - pool.atNanos[i] > EXPIRY_NANOS) {
        remove(pool, i);
      }
    }
  }

  private static void remove(Pool pool, int at) {
    int last = --pool.size;
    pool.machine[at] = pool.machine[last];
    pool.inFlight[at] = pool.inFlight[last];
    pool.latency[at] = pool.latency[last];
    pool.atNanos[at] = pool.atNanos[last];
    pool.uses[at] = pool.uses[last];
  }

  /** Exact for up to 8, then four levels per doubling. */
  private static int level(int inFlight) {
    if (inFlight <= 8) {
      return inFlight;
    }
    int doubling = 31 - Integer.numberOfLeadingZeros(inFlight);
    int level = 8 + 4 * (doubling - 3) + (inFlight >>> (doubling - 2) & 3);
    return Math.min(31, level);
  }
}
