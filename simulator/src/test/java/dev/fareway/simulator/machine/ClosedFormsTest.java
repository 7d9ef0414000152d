package dev.fareway.simulator.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.simulator.Samples;
import dev.fareway.simulator.engine.Recorder;
import dev.fareway.simulator.engine.Simulation;
import dev.fareway.simulator.engine.Workload;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/**
 * The engine and the machine schedulers against what queueing theory knows exactly: means over 20
 * independent runs, each after a warm-up, must have the closed form in their 99.9% confidence
 * interval.
 */
class ClosedFormsTest {
  private static final int RUNS = 20;
  private static final double SECOND = 1e9;

  /** Poisson arrivals; ranks and run times as given. */
  private static final class Poisson implements Workload {
    private final SplittableRandom random;
    private final double ratePerSecond;
    private final double[] rankShares;
    private final List<ToLongFunction<SplittableRandom>> runtimes;
    private int left;
    private double at;
    private long runtime;
    private int rank;

    Poisson(
        long seed,
        int count,
        double ratePerSecond,
        double[] rankShares,
        List<ToLongFunction<SplittableRandom>> runtimes) {
      this.random = new SplittableRandom(seed);
      this.left = count;
      this.ratePerSecond = ratePerSecond;
      this.rankShares = rankShares;
      this.runtimes = runtimes;
    }

    @Override
    public boolean next() {
      at += -Math.log(1 - random.nextDouble()) / ratePerSecond * SECOND;
      double draw = random.nextDouble();
      rank = 0;
      while (rank < rankShares.length - 1 && draw >= rankShares[rank]) {
        draw -= rankShares[rank++];
      }
      runtime = runtimes.get(rank).applyAsLong(random);
      return left-- > 0;
    }

    @Override
    public long arrivalNanos() {
      return (long) at;
    }

    @Override
    public long runtimeNanos() {
      return runtime;
    }

    @Override
    public int rank() {
      return rank;
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

  private static final class Means implements Recorder {
    final double[] sojournSum;
    final double[] slowdownSum;
    final long[] count;
    final long from;

    Means(int ranks, long from) {
      sojournSum = new double[ranks];
      slowdownSum = new double[ranks];
      count = new long[ranks];
      this.from = from;
    }

    @Override
    public void ended(Functions functions, int function, long nowNanos) {
      if (functions.sequence[function] >= from) {
        int rank = functions.rank[function];
        double sojourn = nowNanos - functions.arrivalNanos[function];
        sojournSum[rank] += sojourn / SECOND;
        slowdownSum[rank] += sojourn / functions.runtimeNanos[function];
        count[rank]++;
      }
    }

    double sojourn(int rank) {
      return sojournSum[rank] / count[rank];
    }

    double slowdown(int rank) {
      return slowdownSum[rank] / count[rank];
    }
  }

  private static ToLongFunction<SplittableRandom> exponential(double mean) {
    return random -> Math.max(1, (long) (-Math.log(1 - random.nextDouble()) * mean * SECOND));
  }

  private static ToLongFunction<SplittableRandom> pareto(double alpha, double minimum) {
    return random -> (long) (minimum * SECOND * Math.pow(1 - random.nextDouble(), -1 / alpha));
  }

  private static Means run(
      int ranks, int count, Workload workload, Function<Functions, Machine> machine) {
    var functions = new Functions();
    var means = new Means(ranks, count / 10);
    new Simulation(
            new Simulation.Options(0, 0, Long.MAX_VALUE),
            functions,
            new Machine[] {machine.apply(functions)},
            workload,
            means,
            simulation -> function -> simulation.place(function, 0))
        .run();
    return means;
  }

  private static void assertAgrees(String what, double closedForm, Samples samples) {
    System.out.printf(
        "%s: closed form %.4f, simulated %.4f ± %.4f%n",
        what, closedForm, samples.mean(), samples.margin());
    assertEquals(closedForm, samples.mean(), samples.margin(), what);
    assertTrue(samples.margin() < 0.1 * closedForm, what + ": too wide an interval to tell");
  }

  private static long seed(int run) {
    return Long.getLong("fareway.seed", 42) * 1000 + run;
  }

  @Test
  void firstInFirstOut_agrees_withMM1() {
    double lambda = 0.8;
    var sojourn = new Samples();
    for (int i = 0; i < RUNS; i++) {
      var load = new Poisson(seed(i), 200_000, lambda, new double[] {1}, List.of(exponential(1)));
      sojourn.add(run(1, 200_000, load, f -> new PriorityMachine(f, 1, 1)).sojourn(0));
    }
    assertAgrees("M/M/1 mean time in system", 1 / (1 - lambda), sojourn);
  }

  @Test
  void firstInFirstOut_agrees_withMMC() {
    int cores = 8;
    double offered = 0.85 * cores;
    double term = 1;
    double sum = 0;
    for (int n = 0; n < cores; n++) {
      sum += term;
      term *= offered / (n + 1);
    }
    double waits = term / (1 - 0.85) / (sum + term / (1 - 0.85)); // Erlang's C
    double closedForm = 1 + waits / (cores - offered);
    var sojourn = new Samples();
    for (int i = 0; i < RUNS; i++) {
      var load = new Poisson(seed(i), 200_000, offered, new double[] {1}, List.of(exponential(1)));
      sojourn.add(run(1, 200_000, load, f -> new PriorityMachine(f, cores, 1)).sojourn(0));
    }
    assertAgrees("M/M/8 mean time in system", closedForm, sojourn);
  }

  @Test
  void processorSharing_agrees_withMG1PS() {
    // Insensitive to how run times are distributed: the mean slowdown is 1 / (1 - rho) for all.
    double rho = 0.7;
    double alpha = 2.2;
    double minimum = (alpha - 1) / alpha;
    var slowdown = new Samples();
    for (int i = 0; i < RUNS; i++) {
      var load =
          new Poisson(seed(i), 200_000, rho, new double[] {1}, List.of(pareto(alpha, minimum)));
      slowdown.add(run(1, 200_000, load, f -> new SharingMachine(f, 1)).slowdown(0));
    }
    assertAgrees("M/G/1-PS mean slowdown", 1 / (1 - rho), slowdown);
  }

  @Test
  void processorSharing_agrees_withMMCOfSameRates() {
    // With exponential run times, M/M/c-PS has as many in the system as M/M/c first come first
    // served.
    int cores = 4;
    double offered = 0.8 * cores;
    double term = 1;
    double sum = 0;
    for (int n = 0; n < cores; n++) {
      sum += term;
      term *= offered / (n + 1);
    }
    double waits = term / (1 - 0.8) / (sum + term / (1 - 0.8));
    var sojourn = new Samples();
    for (int i = 0; i < RUNS; i++) {
      var load = new Poisson(seed(i), 200_000, offered, new double[] {1}, List.of(exponential(1)));
      sojourn.add(run(1, 200_000, load, f -> new SharingMachine(f, cores)).sojourn(0));
    }
    assertAgrees("M/M/4-PS mean time in system", 1 + waits / (cores - offered), sojourn);
  }

  @Test
  void strictPriority_agrees_withPreemptiveResume() {
    // Three ranks on one core; Conway, Maxwell, Miller: preemptive resume.
    double lambda = 0.85;
    double[] shares = {0.5, 0.3, 0.2};
    double[] means = {1, 0.8, 1.2};
    double[] closedForm = new double[3];
    double above = 0;
    double residual = 0;
    for (int rank = 2; rank >= 0; rank--) {
      double rho = lambda * shares[rank] * means[rank];
      residual += lambda * shares[rank] * means[rank] * means[rank];
      closedForm[rank] = means[rank] / (1 - above) + residual / ((1 - above) * (1 - above - rho));
      above += rho;
    }
    var sojourn = new Samples[] {new Samples(), new Samples(), new Samples()};
    for (int i = 0; i < RUNS; i++) {
      var load =
          new Poisson(
              seed(i),
              200_000,
              lambda,
              shares,
              List.of(exponential(means[0]), exponential(means[1]), exponential(means[2])));
      Means result = run(3, 200_000, load, f -> new PriorityMachine(f, 1, 3));
      for (int rank = 0; rank < 3; rank++) {
        sojourn[rank].add(result.sojourn(rank));
      }
    }
    for (int rank = 0; rank < 3; rank++) {
      assertAgrees("priority queue, mean time of rank " + rank, closedForm[rank], sojourn[rank]);
    }
  }
}
