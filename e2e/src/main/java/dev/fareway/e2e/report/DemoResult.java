package dev.fareway.e2e.report;

import dev.fareway.e2e.load.Phase;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything the demo has to tell.
 *
 * @param seed decided all arrivals and run times
 * @param cores of this machine
 * @param apiServer which API server it was
 * @param functions the functions, the dearest first
 * @param spike the phase that the verdict is about
 * @param placements where the instances went
 * @param crowdedEnforcement what was in force while crowded
 * @param farewayEnforcement what was in force with Fareway
 * @param runs all three runs, of the same phases
 */
public record DemoResult(
    long seed,
    int cores,
    String apiServer,
    List<PricedFunction> functions,
    Phase spike,
    List<Placement> placements,
    Enforcement crowdedEnforcement,
    Enforcement farewayEnforcement,
    Map<RunKind, Run> runs) {
  /** About what the slowest of 100 interactive requests takes on a quiet machine. */
  private static final double DISTURBED_MS = 25;

  /** Checks that no run is missing and copies the collections. */
  public DemoResult {
    functions = List.copyOf(functions);
    placements = List.copyOf(placements);
    runs = Map.copyOf(runs);
    for (RunKind kind : RunKind.values()) {
      if (!runs.containsKey(kind)) {
        throw new IllegalArgumentException("the run " + kind.label() + " is missing");
      }
    }
  }

  /** One of the runs. */
  public Run run(RunKind kind) {
    return Objects.requireNonNull(runs.get(kind));
  }

  /** The phases, the same in all runs. */
  public List<Phase> phases() {
    return run(RunKind.FAREWAY).plan().phases();
  }

  /** The function that the demo is about: the dearest. */
  public PricedFunction dearest() {
    return functions.getFirst();
  }

  /** What the runs show about the dearest class under the spike. */
  public Verdict verdict() {
    return new Verdict(
        dearest().priceClass(),
        spikeP99Ms(RunKind.UNLOADED),
        spikeP99Ms(RunKind.CROWDED),
        spikeP99Ms(RunKind.FAREWAY),
        runs.values().stream().mapToLong(run -> run.samples().size()).sum(),
        runs.values().stream().mapToLong(Run::errors).sum());
  }

  /**
   * A sentence for when the machine was held up from outside of the demo, for longer than the
   * figures bear.
   */
  public Optional<String> disturbance() {
    double latest =
        runs.values().stream().mapToDouble(run -> run.lateMs(100)).max().orElse(Double.NaN);
    return latest > DISTURBED_MS
        ? Optional.of(
            Figures.text(
                "Something outside of the demo held this machine up: the load generator, which runs"
                    + " above all it measures, was up to %s ms late. Try again when it is quiet.",
                Figures.millis(latest)))
        : Optional.empty();
  }

  private double spikeP99Ms(RunKind kind) {
    return Latency.of(run(kind).of(dearest().priceClass(), spike)).p99Ms();
  }
}
