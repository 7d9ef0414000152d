package dev.fareway.simulator.trace;

import dev.fareway.simulator.engine.Workload;
import dev.fareway.simulator.workload.PaperWorkload.MemoryRange;
import dev.fareway.simulator.workload.PriceClasses;
import dev.fareway.simulator.workload.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** A trace that has every invocation. */
final class RecordedTrace implements Trace {
  private final List<Function> functions;
  private final long[] arrivalNanos;
  private final long[] runtimeNanos;
  private final int[] function;

  /** By invocation; 0: not told. */
  private final long[] memoryBytes;

  private final long durationNanos;

  private RecordedTrace(
      List<Function> functions,
      long[] arrivalNanos,
      long[] runtimeNanos,
      int[] function,
      long[] memoryBytes) {
    this.functions = List.copyOf(functions);
    this.arrivalNanos = arrivalNanos;
    this.runtimeNanos = runtimeNanos;
    this.function = function;
    this.memoryBytes = memoryBytes;
    this.durationNanos = arrivalNanos.length == 0 ? 1 : arrivalNanos[arrivalNanos.length - 1] + 1;
  }

  /** Takes invocations in any order. */
  static final class Builder {
    private long[] arrivalNanos = new long[1024];
    private long[] runtimeNanos = new long[1024];
    private int[] function = new int[1024];
    private long[] memoryBytes = new long[1024];
    private int size;

    int size() {
      return size;
    }

    void add(long arrival, long runtime, int functionIndex, long memory) {
      if (size == function.length) {
        arrivalNanos = Arrays.copyOf(arrivalNanos, 2 * size);
        runtimeNanos = Arrays.copyOf(runtimeNanos, 2 * size);
        function = Arrays.copyOf(function, 2 * size);
        memoryBytes = Arrays.copyOf(memoryBytes, 2 * size);
      }
      arrivalNanos[size] = arrival;
      runtimeNanos[size] = Math.max(1, runtime);
      function[size] = functionIndex;
      memoryBytes[size] = memory;
      size++;
    }

    /** In the order of arrival, beginning at 0; those of one time stay as they were added. */
    RecordedTrace build(List<Function> functions) {
      Integer[] order = new Integer[size];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, (a, b) -> Long.compare(arrivalNanos[a], arrivalNanos[b]));
      long[] arrivals = new long[size];
      long[] runtimes = new long[size];
      int[] indices = new int[size];
      long[] memories = new long[size];
      for (int i = 0; i < size; i++) {
        int from = order[i];
        arrivals[i] = arrivalNanos[from] - arrivalNanos[order[0]];
        runtimes[i] = runtimeNanos[from];
        indices[i] = function[from];
        memories[i] = memoryBytes[from];
      }
      return new RecordedTrace(functions, arrivals, runtimes, indices, memories);
    }
  }

  @Override
  public long durationNanos() {
    return durationNanos;
  }

  @Override
  public int functions() {
    return functions.size();
  }

  @Override
  public long invocations() {
    return arrivalNanos.length;
  }

  @Override
  public double cpuNanos() {
    return Arrays.stream(runtimeNanos).asDoubleStream().sum();
  }

  @Override
  public Workload replay(double speed, PriceClasses classes, MemoryRange memory, long seed) {
    return new Replay(
        speed,
        Ranks.draw(functions, classes, seed),
        memory,
        Seeds.stream(seed, Seeds.Stream.MEMORY));
  }

  private final class Replay implements Workload {
    private final double speed;
    private final int[] ranks;
    private final MemoryRange memory;
    private final RandomGenerator sizes;
    private int at = -1;
    private long bytes;

    Replay(double speed, int[] ranks, MemoryRange memory, RandomGenerator sizes) {
      this.speed = speed;
      this.ranks = ranks;
      this.memory = memory;
      this.sizes = sizes;
    }

    @Override
    public boolean next() {
      if (++at == arrivalNanos.length) {
        return false;
      }
      long drawn = memory.at(sizes.nextDouble());
      bytes = memoryBytes[at] > 0 ? memoryBytes[at] : drawn;
      return true;
    }

    @Override
    public long arrivalNanos() {
      return (long) (arrivalNanos[at] / speed);
    }

    @Override
    public long runtimeNanos() {
      return runtimeNanos[at];
    }

    @Override
    public int rank() {
      return ranks[function[at]];
    }

    @Override
    public int kind() {
      return function[at];
    }

    @Override
    public long memoryBytes() {
      return bytes;
    }
  }
}
