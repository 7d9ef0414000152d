package dev.fareway.e2e.load;

import java.net.URI;
import java.util.List;

/**
 * The requests of one class: where they go, how often they come in each phase, how long they run.
 *
 * @param name the class's name
 * @param targets the instances that serve it, {@code http://host:port}; each request goes to the
 *     one with the fewest unanswered
 * @param runTimes how long requests run
 * @param ratesPerSecond mean arrivals a second, one for each phase, at least 0
 */
public record Stream(
    String name, List<URI> targets, RunTimes runTimes, List<Double> ratesPerSecond) {
  /** Checks the ranges and copies the lists. */
  public Stream {
    targets = List.copyOf(targets);
    ratesPerSecond = List.copyOf(ratesPerSecond);
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("class " + name + " has no instance to send requests to");
    }
    for (URI target : targets) {
      if (!"http".equals(target.getScheme()) || target.getHost() == null || target.getPort() < 1) {
        throw new IllegalArgumentException("class " + name + ": not http://host:port: " + target);
      }
    }
    for (double rate : ratesPerSecond) {
      if (!(rate >= 0) || Double.isInfinite(rate)) {
        throw new IllegalArgumentException("class " + name + ": not a rate: " + rate);
      }
    }
  }
}
