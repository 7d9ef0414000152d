package dev.fareway.e2e.load;

import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * The requests of one class: where they go, how often they come in each phase, how long they run.
 *
 * @param name the class's name
 * @param targets the instances that serve it, {@code http://host:port}; each request goes to the
 *     one with the fewest unanswered
 * @param runTimes how long requests run
 * @param ratesPerSecond mean arrivals a second, one for each phase, at least 0
 * @param headers what each request says, by name; a {@code Host} goes in place of the target's
 */
public record Stream(
    String name,
    List<URI> targets,
    RunTimes runTimes,
    List<Double> ratesPerSecond,
    Map<String, String> headers) {
  /** One whose requests say nothing more. */
  public Stream(String name, List<URI> targets, RunTimes runTimes, List<Double> ratesPerSecond) {
    this(name, targets, runTimes, ratesPerSecond, Map.of());
  }

  /** Checks the ranges and copies the lists. */
  public Stream {
    headers = Map.copyOf(headers);
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
