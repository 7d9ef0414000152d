package dev.fareway.e2e.report;

import dev.fareway.e2e.load.LoadPlan;
import dev.fareway.e2e.load.Phase;
import dev.fareway.e2e.load.Sample;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One run of a load and what became of its requests. A request belongs to the phase in which it was
 * due, whenever it was answered.
 *
 * @param plan the load
 * @param samples its requests
 * @param generator how the load generator ran: at which priority, or why at none
 */
public record Run(LoadPlan plan, List<Sample> samples, String generator) {
  /** Copies the list. */
  public Run {
    samples = List.copyOf(samples);
  }

  /** Whether a class takes part. */
  public boolean has(String className) {
    return plan.streams().stream().anyMatch(stream -> stream.name().equals(className));
  }

  /** The requests of a class, in the order they were due; none if it takes no part. */
  public List<Sample> of(String className) {
    return samples.stream()
        .filter(sample -> plan.streams().get(sample.stream()).name().equals(className))
        .toList();
  }

  /** The requests of a class that were due in a phase of the plan. */
  public List<Sample> of(String className, Phase phase) {
    long from = startNanos(phase);
    long to = from + TimeUnit.MILLISECONDS.toNanos(phase.millis());
    return of(className).stream()
        .filter(sample -> sample.intendedNanos() >= from && sample.intendedNanos() < to)
        .toList();
  }

  /** How many requests were not answered with success. */
  public long errors() {
    return samples.stream().filter(sample -> !sample.succeeded()).count();
  }

  /**
   * How late requests were sent, in milliseconds after they were due. The generator runs above all
   * that it measures: where it was late, something outside of the demo had the cores.
   *
   * @param percent 99 for the 99th percentile, 100 for the latest
   */
  public double lateMs(int percent) {
    long[] late =
        samples.stream()
            .mapToLong(sample -> sample.sentNanos() - sample.intendedNanos())
            .sorted()
            .toArray();
    return Latency.percentile(late, percent) / TimeUnit.MILLISECONDS.toNanos(1);
  }

  private long startNanos(Phase phase) {
    int index = plan.phases().indexOf(phase);
    return TimeUnit.MILLISECONDS.toNanos(
        plan.phases().subList(0, index).stream().mapToLong(Phase::millis).sum());
  }
}
