package dev.fareway.e2e.demo;

import dev.fareway.e2e.cluster.ServiceEndpoints;
import dev.fareway.e2e.load.LoadPlan;
import dev.fareway.e2e.load.Phase;
import dev.fareway.e2e.load.Stream;
import dev.fareway.e2e.report.Latency;
import dev.fareway.e2e.report.Run;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Invocations of two classes to the same function, the cheapest one, at once: most pay what the
 * function pays, and together ask for more than the cores have; a few are made on behalf of a
 * request of the dearest class and say so in their baggage.
 */
final class TwoClasses {
  private static final double ORDINARY_LOAD = 1.5;
  private static final double DEAR_LOAD = 0.1;
  private static final double MICROS_PER_SECOND = 1e6;

  private final Scenario scenario;
  private final long seed;
  private final int cores;
  private final DemoCluster cluster;
  private final LoadProcess generator;

  TwoClasses(Scenario scenario, long seed, int cores, DemoCluster cluster, LoadProcess generator) {
    this.scenario = scenario;
    this.seed = seed;
    this.cores = cores;
    this.cluster = cluster;
    this.generator = generator;
  }

  /** What to tell of it, as lines; none where the cluster has no activator. */
  List<String> run() throws IOException, InterruptedException {
    DemoFunction function = scenario.functions().getLast();
    String name = function.priced().function();
    Optional<URI> activator = cluster.activator(name);
    if (activator.isEmpty()) {
      return List.of();
    }
    String own = function.priced().priceClass();
    String dear = scenario.dearest().priced().priceClass();
    Phase spike = scenario.spike();
    Run run =
        generator.run(
            "invocations",
            new LoadPlan(
                seed,
                List.of(spike),
                List.of(
                    stream(dear, function, activator.get(), DEAR_LOAD * cores, dear),
                    stream(own, function, activator.get(), ORDINARY_LOAD * cores, "")),
                Duration.ofMillis(2 * spike.millis()).plusMinutes(1).toMillis()),
            (_, _, _, _) -> {});
    var lines = new ArrayList<String>();
    lines.add(
        "Invocations of two classes to the same function, %s, through the activator, at %.1f times what the cores can do:"
            .formatted(name, ORDINARY_LOAD + DEAR_LOAD));
    lines.add(line(dear, run));
    lines.add(line(own, run));
    return lines;
  }

  private static Stream stream(
      String name, DemoFunction function, URI activator, double load, String asked) {
    String host = ServiceEndpoints.hostOf(function.priced().function());
    return new Stream(
        name,
        List.of(activator),
        function.runTimes(),
        List.of(load * MICROS_PER_SECOND / function.runTimes().meanMicros()),
        asked.isEmpty()
            ? Map.of("Host", host)
            : Map.of("Host", host, "baggage", "fareway.price-class=" + asked));
  }

  private static String line(String name, Run run) {
    Latency latency = Latency.of(run.of(name));
    return String.format(
        Locale.ROOT,
        "  %-12s %5d requests, p50 %,8.0f ms, p99 %,8.0f ms, %d failed",
        name,
        latency.requests(),
        latency.p50Ms(),
        latency.p99Ms(),
        latency.errors());
  }
}
