package dev.fareway.simulator.experiment;

import dev.fareway.simulator.engine.Workload;
import dev.fareway.simulator.report.Words;
import dev.fareway.simulator.workload.LoadProfile;
import dev.fareway.simulator.workload.PaperWorkload;
import java.util.List;
import java.util.Map;

/**
 * The paper's workload at one load after the other, each for a while.
 *
 * @param values loads; 1: all cores
 * @param warmUp ticks that don't count
 * @param ticks after which nothing arrives any more; what has arrived is waited for
 */
public record SteadyLoad(
    Setup setup, PaperWorkload.MemoryRange memory, List<Double> values, int warmUp, int ticks)
    implements Comparison.Axis, Comparison.Described {
  public SteadyLoad {
    values = values.stream().sorted().distinct().toList();
  }

  @Override
  public String name() {
    return "load";
  }

  @Override
  public String label() {
    return "load: CPU time asked for by CPU time there is";
  }

  @Override
  public Workload workload(double value, long seed) {
    return new PaperWorkload(
        setup.runtimes(),
        setup.classes(),
        memory,
        LoadProfile.constant(value, ticks * setup.tickNanos()),
        setup.allCores(),
        seed);
  }

  @Override
  public long fromNanos(double value) {
    return warmUp * setup.tickNanos();
  }

  @Override
  public long untilNanos(double value) {
    return ticks * setup.tickNanos();
  }

  @Override
  public Map<String, String> parameters() {
    return Map.of(
        "arrivals",
        Words.of(
            "for %d ticks at one load; those from tick %d on count; functions grow from 0.1 GB to %.1f–%.1f GB",
            ticks, warmUp, memory.leastBytes() / 1e9, memory.mostBytes() / 1e9));
  }
}
