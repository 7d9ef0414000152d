package dev.fareway.e2e.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.e2e.load.LoadPlan;
import dev.fareway.e2e.load.Stream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScenarioTest {
  private static LoadPlan plan(Scenario scenario) {
    Map<String, List<URI>> instances =
        scenario.functions().stream()
            .collect(
                Collectors.toMap(
                    function -> function.priced().function(),
                    function -> List.of(URI.create("http://127.0.0.1:1"))));
    return scenario.plan(1, instances);
  }

  private static double cores(Stream stream, int phase) {
    return stream.ratesPerSecond().get(phase) * stream.runTimes().meanMicros() / 1e6;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 64})
  void load_isMediumThenTwiceTheCoresThenMedium(int cores) {
    LoadPlan plan = plan(Scenario.of(cores, Duration.ofSeconds(60)));

    assertEquals(60_000, plan.totalMillis());
    double[] asked = new double[3];
    for (Stream stream : plan.streams()) {
      for (int phase = 0; phase < 3; phase++) {
        asked[phase] += cores(stream, phase);
      }
    }
    assertTrue(asked[0] < 0.5 * cores);
    assertEquals(1.975 * cores, asked[1], 1e-6);
    assertEquals(asked[0], asked[2], 1e-9);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 64})
  void realTimeClasses_stayFarBelowWhatTheKernelLeavesThem(int cores) {
    List<Stream> streams = plan(Scenario.of(cores, Duration.ofSeconds(60))).streams();

    assertTrue(cores(streams.get(0), 1) + cores(streams.get(1), 1) < 0.3 * cores);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 64})
  void batch_hasManyMoreWorkersThanCores(int cores) {
    DemoFunction batch = Scenario.of(cores, Duration.ofSeconds(60)).functions().getLast();

    assertTrue(batch.replicas() * batch.workers() >= 8 * cores);
    assertTrue(batch.replicas() <= 16);
  }
}
