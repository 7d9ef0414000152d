package dev.fareway.crds.usage;

import dev.fareway.crds.Money;
import dev.fareway.crds.NodeUsageStatus.Usage;

/**
 * What was used, added up over nodes, exactly: remainders of roundings too. It never overflows; an
 * amount of money that does not fit throws when it is asked for. Not thread-safe.
 */
public final class UsageSum {
  private static final long NANO = 1_000_000_000;
  private static final long GIB = 1L << 30;

  private final Wide cpu = new Wide(NANO);
  private final Wide memory = new Wide(GIB);
  private final Wide cpuCost = new Wide(NANO);
  private final Wide cpuRemainder = new Wide(NANO);
  private final Wide memoryCost = new Wide(NANO);
  private final Wide memoryRemainder = new Wide(GIB);

  /** Nothing yet. */
  public UsageSum() {}

  /** Adds what a node says. */
  public void add(Usage usage) {
    cpu.add(usage.cpuNanos());
    memory.add(usage.memoryByteSeconds());
    cpuCost.add(usage.costNanoUnits() - usage.memoryCostNanoUnits());
    cpuRemainder.add(usage.cpuCostRemainder());
    memoryCost.add(usage.memoryCostNanoUnits());
    memoryRemainder.add(usage.memoryCostRemainder());
  }

  /** Takes away what was added. */
  public void subtract(Usage usage) {
    cpu.add(-usage.cpuNanos());
    memory.add(-usage.memoryByteSeconds());
    cpuCost.add(usage.memoryCostNanoUnits() - usage.costNanoUnits());
    cpuRemainder.add(-usage.cpuCostRemainder());
    memoryCost.add(-usage.memoryCostNanoUnits());
    memoryRemainder.add(-usage.memoryCostRemainder());
  }

  /** Adds another sum. */
  public void add(UsageSum other) {
    cpu.add(other.cpu);
    memory.add(other.memory);
    cpuCost.add(other.cpuCost);
    cpuRemainder.add(other.cpuRemainder);
    memoryCost.add(other.memoryCost);
    memoryRemainder.add(other.memoryRemainder);
  }

  /** CPU time in whole seconds. */
  public long cpuSeconds() {
    return cpu.whole();
  }

  /** Memory held over time in whole GiB seconds. */
  public long memoryGibSeconds() {
    return memory.whole();
  }

  /**
   * The whole cost, rounded down to a nano-unit.
   *
   * @throws ArithmeticException if it does not fit
   */
  public Money cost() {
    return new Money(Math.addExact(cpuNanoUnits(), memoryNanoUnits()));
  }

  /**
   * The part of the cost that is for memory, rounded down to a nano-unit.
   *
   * @throws ArithmeticException if it does not fit
   */
  public Money memoryCost() {
    return new Money(memoryNanoUnits());
  }

  long cpuNanoUnits() {
    return Math.addExact(cpuCost.exact(), cpuRemainder.whole());
  }

  /** What rounding down leaves of {@link #cpuNanoUnits}, in billionths of a nano-unit. */
  long cpuNanoUnitsRest() {
    return cpuRemainder.rest();
  }

  long memoryNanoUnits() {
    return Math.addExact(memoryCost.exact(), memoryRemainder.whole());
  }

  /** What rounding down leaves of {@link #memoryNanoUnits}, in 2^-30 nano-units. */
  long memoryNanoUnitsRest() {
    return memoryRemainder.rest();
  }

  /** What rounding down leaves of {@link #cpuSeconds}, in nanoseconds. */
  long cpuSecondsRest() {
    return cpu.rest();
  }

  /** What rounding down leaves of {@link #memoryGibSeconds}, in byte seconds. */
  long memoryGibSecondsRest() {
    return memory.rest();
  }

  /** Whether nothing was used, or all of it was taken away again. */
  public boolean isZero() {
    return cpu.isZero() && memory.isZero() && cpuCost.isZero() && memoryCost.isZero();
  }
}
