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
 */
public record LoadPlan(long seed, List<Phase> phases, List<Stream> streams, long patienceMillis) {
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
        patienceMillis);
  }
}
