package dev.fareway.simulator.experiment;

import dev.fareway.simulator.engine.Workload;
import dev.fareway.simulator.report.Words;
import dev.fareway.simulator.trace.Trace;
import dev.fareway.simulator.workload.PaperWorkload;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A trace at one speed after the other.
 *
 * @param memory of functions of which the trace tells none
 * @param values how many times as quickly as recorded functions arrive
 */
public record TraceReplay(
    Setup setup, Trace trace, String source, PaperWorkload.MemoryRange memory, List<Double> values)
    implements Comparison.Axis, Comparison.Described {
  public TraceReplay {
    values = values.stream().sorted().distinct().toList();
  }

  @Override
  public String name() {
    return "speed";
  }

  @Override
  public String label() {
    return "speed of the replay";
  }

  @Override
  public Workload workload(double value, long seed) {
    return trace.replay(value, setup.classes(), memory, seed);
  }

  @Override
  public long fromNanos(double value) {
    return 0;
  }

  @Override
  public long untilNanos(double value) {
    return (long) (trace.durationNanos() / value) + 1;
  }

  /** CPU time asked for by CPU time there is, at a speed. */
  public double load(double value) {
    return trace.cpuNanos() * value / trace.durationNanos() / setup.allCores();
  }

  @Override
  public Map<String, String> parameters() {
    var words = new LinkedHashMap<String, String>();
    words.put(
        "trace",
        Words.of(
            "%s: %d invocations of %d functions in %.1f s, %.1f s of CPU time",
            source,
            trace.invocations(),
            trace.functions(),
            trace.durationNanos() / 1e9,
            trace.cpuNanos() / 1e9));
    words.put(
        "mean load",
        String.join(
            ", ",
            values.stream()
                .map(value -> Words.of("%.3g at speed %s", load(value), value))
                .toList()));
    return words;
  }
}
