package dev.fareway.e2e.load;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a load generator is to do: everything that decides which request comes when.
 *
 * @param seed decides all arrivals and run times
 * @param phases the phases in their order
 * @param streams one for each class
 * @param patienceMillis how long after the last arrival the last answer may come
 * @param warmUpPerSecond how many short requests a second each target gets before it counts
 */
public record LoadPlan(
    long seed,
    List<Phase> phases,
    List<Stream> streams,
    long patienceMillis,
    double warmUpPerSecond) {
  /** Enough for all code on the way of a request to be compiled within seconds. */
  private static final double WARM_UP_PER_SECOND = 250;

  /** One with the usual warm-up. */
  public LoadPlan(long seed, List<Phase> phases, List<Stream> streams, long patienceMillis) {
    this(seed, phases, streams, patienceMillis, WARM_UP_PER_SECOND);
  }

  /** Checks that rates and phases agree and copies the lists. */
  public LoadPlan {
    phases = List.copyOf(phases);
    streams = List.copyOf(streams);
    if (phases.isEmpty() || streams.isEmpty()) {
      throw new IllegalArgumentException("a load needs a phase and a class");
    }
    Set<String> names = new HashSet<>();
    for (Stream stream : streams) {
      if (!names.add(stream.name())) {
        throw new IllegalArgumentException("class " + stream.name() + " is there twice");
      }
      if (stream.ratesPerSecond().size() != phases.size()) {
        throw new IllegalArgumentException(
            "class %s has %d rates for %d phases"
                .formatted(stream.name(), stream.ratesPerSecond().size(), phases.size()));
      }
    }
    if (!(warmUpPerSecond > 0)) {
      throw new IllegalArgumentException("the warm-up must have requests: " + warmUpPerSecond);
    }
    if (patienceMillis < 0) {
      throw new IllegalArgumentException("patience must not be negative: " + patienceMillis);
    }
  }

  /** The length of all phases together, in milliseconds. */
  public long totalMillis() {
    return phases.stream().mapToLong(Phase::millis).sum();
  }

  /** The same load with one class alone: its requests arrive and run as they do in the whole. */
  public LoadPlan only(String name) {
    return new LoadPlan(
        seed,
        phases,
        streams.stream().filter(stream -> stream.name().equals(name)).toList(),
        patienceMillis,
        warmUpPerSecond);
  }
}
