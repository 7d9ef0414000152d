package dev.fareway.e2e.demo;

import dev.fareway.e2e.load.RunTimes;
import dev.fareway.e2e.load.Stream;
import dev.fareway.e2e.report.PricedFunction;
import java.net.URI;
import java.util.List;

/**
 * A function of the demo: what it pays, how it is deployed and what load it gets.
 *
 * @param priced its name, class and price
 * @param replicas how many pods serve it
 * @param workers how many requests a pod serves at a time
 * @param runTimes how long its requests run
 * @param loads the CPU time its requests ask for in each phase, in cores
 */
record DemoFunction(
    PricedFunction priced, int replicas, int workers, RunTimes runTimes, List<Double> loads) {
  private static final double MICROS_PER_SECOND = 1e6;

  DemoFunction {
    loads = List.copyOf(loads);
    if (replicas < 1 || workers < 1) {
      throw new IllegalArgumentException(
          priced.function() + " needs a pod with a worker: " + replicas + ", " + workers);
    }
  }

  /** Its requests, sent to these instances. */
  Stream stream(List<URI> instances) {
    List<Double> rates =
        loads.stream().map(cores -> cores * MICROS_PER_SECOND / runTimes.meanMicros()).toList();
    return new Stream(priced.priceClass(), instances, runTimes, rates);
  }
}
