package dev.fareway.e2e.demo;

import dev.fareway.e2e.load.LoadPlan;
import dev.fareway.e2e.load.Phase;
import dev.fareway.e2e.report.DemoResult;
import dev.fareway.e2e.report.Enforcement;
import dev.fareway.e2e.report.Placement;
import dev.fareway.e2e.report.Run;
import dev.fareway.e2e.report.RunKind;
import java.io.IOException;
import java.net.URI;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The demo's course: deploy, three loads, one result. */
final class Demo {
  private final Scenario scenario;
  private final long seed;
  private final int cores;
  private final DemoCluster cluster;
  private final LoadProcess generator;
  private final Progress progress;

  Demo(
      Scenario scenario,
      long seed,
      int cores,
      DemoCluster cluster,
      LoadProcess generator,
      Progress progress) {
    this.scenario = scenario;
    this.seed = seed;
    this.cores = cores;
    this.cluster = cluster;
    this.generator = generator;
    this.progress = progress;
  }

  DemoResult run() throws IOException, InterruptedException {
    progress.say("API server: " + cluster.apiServer());
    List<Instance> instances = cluster.deploy(scenario.functions());
    List<Placement> placements = instances.stream().map(Instance::placement).toList();
    progress.say("Placed by Fareway: " + counts(placements));
    Map<String, List<URI>> addresses =
        instances.stream()
            .collect(
                Collectors.groupingBy(
                    instance -> instance.placement().function(),
                    Collectors.mapping(Instance::uri, Collectors.toList())));
    LoadPlan plan = scenario.plan(seed, addresses);
    String dearest = scenario.dearest().priced().priceClass();

    Map<RunKind, Run> runs = new EnumMap<>(RunKind.class);
    // Measuring takes minutes: whether there will be something to compare is found out first.
    Enforcement on = cluster.enforce(true);
    if (!on.inForce()) {
      throw new DemoFailure(
          "Fareway can't enforce anything here (%s): %s".formatted(on.mode(), on.message()));
    }
    Enforcement off = cluster.enforce(false);
    runs.put(RunKind.UNLOADED, load(1, RunKind.UNLOADED, plan.only(dearest)));
    runs.put(RunKind.CROWDED, load(2, RunKind.CROWDED, plan));
    on = cluster.enforce(true);
    progress.say("Enforcement: " + on.mode() + ": " + on.message());
    runs.put(RunKind.FAREWAY, load(3, RunKind.FAREWAY, plan));
    return new DemoResult(
        seed,
        cores,
        cluster.apiServer(),
        scenario.functions().stream().map(DemoFunction::priced).toList(),
        scenario.spike(),
        placements,
        off,
        on,
        runs);
  }

  private Run load(int number, RunKind kind, LoadPlan plan)
      throws IOException, InterruptedException {
    String label = "[%d/3] %-8s".formatted(number, kind.label());
    long seconds = Math.max(1, TimeUnit.MILLISECONDS.toSeconds(plan.totalMillis()));
    Run run =
        generator.run(
            kind.name().toLowerCase(Locale.ROOT),
            plan,
            (millis, sent, done, failed) ->
                progress.load(
                    label,
                    TimeUnit.MILLISECONDS.toSeconds(millis),
                    seconds,
                    phaseAt(millis)
                        + ", "
                        + (sent - done)
                        + " waiting"
                        + (failed == 0 ? "" : ", " + failed + " failed")));
    progress.endLine();
    return run;
  }

  private String phaseAt(long millis) {
    long end = 0;
    for (Phase phase : scenario.phases()) {
      end += phase.millis();
      if (millis < end) {
        return phase.name();
      }
    }
    return "draining";
  }

  private static String counts(List<Placement> placements) {
    return placements.stream()
        .collect(
            Collectors.groupingBy(Placement::function, LinkedHashMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .map(entry -> entry.getValue() + " x " + entry.getKey())
        .collect(Collectors.joining(", "));
  }
}
