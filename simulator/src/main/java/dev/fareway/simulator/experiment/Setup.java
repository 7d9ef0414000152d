package dev.fareway.simulator.experiment;

import dev.fareway.simulator.scheduler.FarewayOptions;
import dev.fareway.simulator.workload.PriceClasses;
import dev.fareway.simulator.workload.Runtimes;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What all experiments have in common.
 *
 * @param machines how many, 1 or more
 * @param cores of each machine, 1 or more
 * @param fareway how Fareway is set up; its k is Hermod's, too
 * @param classes the price classes
 * @param runtimes how long functions run
 * @param messageNanos how long a message between a scheduler and a machine takes
 * @param tickNanos length of a tick of the simulated clock, by which loads change
 * @param firstSeed of the first run
 * @param seeds how many runs, with seeds one after the other
 */
public record Setup(
    int machines,
    int cores,
    FarewayOptions fareway,
    PriceClasses classes,
    Runtimes runtimes,
    long messageNanos,
    long tickNanos,
    long firstSeed,
    int seeds) {

  /** Cores of all machines together. */
  public long allCores() {
    return (long) machines * cores;
  }

  /** The rank of the dearest class. */
  int highest() {
    return classes.count() - 1;
  }

  /** All of it in words, for a report. */
  Map<String, String> parameters() {
    var words = new LinkedHashMap<String, String>();
    words.put("machines", "%d with %d cores each".formatted(machines, cores));
    words.put(
        "Fareway",
        "%d shards, k = %d, queue discipline %s, idle list %s, %s a decision"
            .formatted(
                fareway.shards(),
                fareway.k(),
                fareway.discipline().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                fareway.idleList() ? "on" : "off",
                micros(fareway.decisionNanos())));
    words.put("messages", micros(messageNanos));
    words.put(
        "run times",
        String.format(
            Locale.ROOT,
            "%d functions, Pareto with alpha %s, x_m normal with mean %s ms and deviation %s ms",
            runtimes.functions(),
            runtimes.alpha(),
            runtimes.meanNanos() / 1e6,
            runtimes.deviationNanos() / 1e6));
    var shares = new StringBuilder();
    for (double weight : classes.weights()) {
      shares
          .append(shares.isEmpty() ? "" : ", ")
          .append(String.format(Locale.ROOT, "%.3f", weight));
    }
    words.put("price classes", "shares from the cheapest to the dearest " + shares);
    words.put("tick", String.format(Locale.ROOT, "%s s", tickNanos / 1e9));
    words.put("seeds", "%d to %d".formatted(firstSeed, firstSeed + seeds - 1));
    return words;
  }

  private static String micros(long nanos) {
    return String.format(Locale.ROOT, "%s µs", nanos / 1e3);
  }
}
