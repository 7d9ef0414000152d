package dev.fareway.simulator.bench;

import dev.fareway.bench.JmhBench;
import java.io.IOException;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs {@link SimulationBenchmark} and prints its figures, as JSON too where asked. */
public final class SimulatorBench {
  private SimulatorBench() {}

  /** Takes {@code --json FILE}. */
  public static void main(String[] args) throws RunnerException, IOException {
    JmhBench bench = JmhBench.of("simulator", args);
    var options =
        new OptionsBuilder()
            .include(SimulationBenchmark.class.getName())
            .jvmArgs("-Xms1g", "-Xmx1g", "-XX:+UseSerialGC");
    for (RunResult result : bench.run(options)) {
      double score = result.getPrimaryResult().getScore();
      var events = result.getSecondaryResults().get("events");
      if (events == null) {
        bench.add("event_queue_alone", score, "events/s");
      } else {
        String run = result.getParams().getParam("run");
        bench.add(
            run.equals("engine") ? "engine_and_machines" : "simulation_" + run,
            events.getScore(),
            "events/s");
        bench.add(run + "_runs", score, "10 simulated s/s");
      }
    }
    bench.report();
  }
}
