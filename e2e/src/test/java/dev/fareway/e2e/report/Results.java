package dev.fareway.e2e.report;

import dev.fareway.e2e.load.LoadPlan;
import dev.fareway.e2e.load.Phase;
import dev.fareway.e2e.load.RunTimes;
import dev.fareway.e2e.load.Sample;
import dev.fareway.e2e.load.Stream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Made-up results with round figures. */
final class Results {
  private static final List<Phase> PHASES =
      List.of(new Phase("before", 10_000), new Phase("spike", 10_000), new Phase("after", 10_000));

  private Results() {}

  /**
   * 100 requests for each class and phase. In milliseconds, the slowest of a phase takes: alone 20;
   * with Fareway 20, 40 and 8,000; crowded as with Fareway, but under the spike and after it 10
   * times 20 and 40.
   */
  static DemoResult good() {
    return result(0);
  }

  /** As the good one, with this many crowded requests unanswered. */
  static DemoResult result(int unanswered) {
    return result(unanswered, 0);
  }

  /** As the good one, with one request sent so much too late. */
  static DemoResult late(int millis) {
    return result(0, millis);
  }

  private static DemoResult result(int unanswered, int lateMillis) {
    LoadPlan plan = new LoadPlan(7, PHASES, List.of(stream("interactive"), stream("batch")), 0);
    return new DemoResult(
        7,
        2,
        "kube-apiserver 1.36.2",
        List.of(
            new PricedFunction("interactive", "home-page", "2u"),
            new PricedFunction("batch", "image-processing", "0.5u")),
        PHASES.get(1),
        List.of(
            new Placement("home-page-1", "home-page", "interactive", "here"),
            new Placement("image-processing-1", "image-processing", "batch", "here"),
            new Placement("image-processing-2", "image-processing", "batch", "here")),
        new Enforcement("Off", ""),
        new Enforcement("RealTime", "SCHED_FIFO is allowed & used"),
        Map.of(
            RunKind.UNLOADED,
            run(plan.only("interactive"), 0, lateMillis, List.of(List.of(20, 20, 20))),
            RunKind.CROWDED,
            run(plan, unanswered, 0, List.of(List.of(20, 200, 200), List.of(400, 8_000, 9_000))),
            RunKind.FAREWAY,
            run(plan, 0, 0, List.of(List.of(20, 20, 20), List.of(400, 8_000, 9_000)))));
  }

  private static Stream stream(String name) {
    return new Stream(
        name,
        List.of(URI.create("http://127.0.0.1:1")),
        new RunTimes(2, 1_000, 2_000),
        List.of(10.0, 10.0, 10.0));
  }

  private static Run run(
      LoadPlan plan, int unanswered, int lateMillis, List<List<Integer>> slowestMillis) {
    List<Sample> samples = new ArrayList<>();
    for (int stream = 0; stream < slowestMillis.size(); stream++) {
      for (int phase = 0; phase < PHASES.size(); phase++) {
        for (int i = 1; i <= 100; i++) {
          long due = 10_000_000_000L * phase + 100_000_000L * (i - 1);
          long latency = slowestMillis.get(stream).get(phase) * 10_000L * i;
          samples.add(new Sample(stream, 1_500, due, due, due + latency, 200));
        }
      }
    }
    Sample last = samples.removeLast();
    long sent = last.intendedNanos() + 1_000_000L * lateMillis;
    samples.add(
        new Sample(last.stream(), 1_500, last.intendedNanos(), sent, last.doneNanos(), 200));
    for (int i = 0; i < unanswered; i++) {
      Sample sample = samples.removeFirst();
      samples.add(
          new Sample(
              sample.stream(),
              1_500,
              sample.intendedNanos(),
              sample.intendedNanos(),
              1_000,
              Sample.UNANSWERED));
    }
    return new Run(plan, samples, "SCHED_FIFO priority 45, above what it measures");
  }
}
