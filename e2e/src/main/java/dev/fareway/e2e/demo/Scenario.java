package dev.fareway.e2e.demo;

import dev.fareway.e2e.load.LoadPlan;
import dev.fareway.e2e.load.Phase;
import dev.fareway.e2e.load.RunTimes;
import dev.fareway.e2e.report.PricedFunction;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The paper's example (sections 3.1 and 4.2) at the size of this machine: a home page, a user
 * profile and image processing; medium load, then more batch work than the cores can do, then
 * medium load again.
 *
 * <p>Per core, the interactive class asks for an eighth and the standard class for a tenth of it:
 * far below what the kernel leaves to real-time threads. Batch asks for a fifth of the cores, and
 * under the spike for 1.75 times all of them: twice the cores together, so the queue that the spike
 * leaves is worked off soon after the load ends. Image processing is scaled out to several pods, as
 * a platform would do: it crowds the others out whether the kernel shares the cores by threads or
 * by pods.
 *
 * @param functions the functions, the dearest first
 * @param phases medium, spike and medium load
 */
record Scenario(List<DemoFunction> functions, List<Phase> phases) {
  private static final double TAIL = 1.5;
  private static final double INTERACTIVE_LOAD = 0.125;
  private static final double STANDARD_LOAD = 0.1;
  private static final double BATCH_LOAD = 0.2;
  private static final double BATCH_SPIKE_LOAD = 1.75;
  private static final int WORKERS = 8;
  private static final int BATCH_WORKERS_PER_CORE = 8;
  private static final int BATCH_PODS_PER_CORE = 4;
  private static final int MAX_BATCH_PODS = 16;

  Scenario {
    functions = List.copyOf(functions);
    phases = List.copyOf(phases);
  }

  /**
   * The scenario for a machine.
   *
   * @param cores of the machine, at least 1
   * @param length of the load, in three equal phases
   */
  static Scenario of(int cores, Duration length) {
    long third = length.toMillis() / 3;
    int batchPods = Math.min(BATCH_PODS_PER_CORE * cores, MAX_BATCH_PODS);
    return new Scenario(
        List.of(
            new DemoFunction(
                new PricedFunction("interactive", "home-page", "2u"),
                1,
                WORKERS * Math.ceilDiv(cores, 2),
                new RunTimes(TAIL, 1_500, 50_000),
                steady(INTERACTIVE_LOAD * cores)),
            new DemoFunction(
                new PricedFunction("standard", "user-profile", "1.5u"),
                1,
                WORKERS * Math.ceilDiv(cores, 2),
                new RunTimes(TAIL, 3_000, 100_000),
                steady(STANDARD_LOAD * cores)),
            new DemoFunction(
                new PricedFunction("batch", "image-processing", "0.5u"),
                batchPods,
                Math.ceilDiv(BATCH_WORKERS_PER_CORE * cores, batchPods),
                new RunTimes(TAIL, 20_000, 400_000),
                List.of(BATCH_LOAD * cores, BATCH_SPIKE_LOAD * cores, BATCH_LOAD * cores))),
        List.of(new Phase("before", third), new Phase("spike", third), new Phase("after", third)));
  }

  /** The function that the demo is about. */
  DemoFunction dearest() {
    return functions.getFirst();
  }

  /** The phase in which there is more work than cores. */
  Phase spike() {
    return phases.get(1);
  }

  /**
   * The load, sent to these instances.
   *
   * @param seed decides arrivals and run times
   * @param instances the addresses of each function's instances, by its name
   */
  LoadPlan plan(long seed, Map<String, List<URI>> instances) {
    return new LoadPlan(
        seed,
        phases,
        functions.stream()
            .map(
                function ->
                    function.stream(
                        Objects.requireNonNull(instances.get(function.priced().function()))))
            .toList(),
        patience().toMillis());
  }

  /** Generous: the queue that the spike leaves takes about a fifth of the load's length. */
  private Duration patience() {
    long total = phases.stream().mapToLong(Phase::millis).sum();
    return Duration.ofMillis(2 * total).plus(Duration.ofMinutes(1));
  }

  private static List<Double> steady(double load) {
    return List.of(load, load, load);
  }
}
