package dev.fareway.node.core.meter;

import java.math.BigInteger;

/**
 * What was used and what it costs, exactly: costs with what rounding has left of them.
 *
 * <p>1.5 s of CPU at 2,001 nano-units per second are 3,001 nano-units and a remainder of
 * 500,000,000 billionths; another such charge makes 6,003 with nothing left, and not 6,002. Sums
 * that don't fit throw an {@link ArithmeticException}.
 *
 * @param cpuNanos CPU time in nanoseconds
 * @param memoryByteSeconds memory held over time, in byte seconds
 * @param cpuCost cost of CPU time in nano-units
 * @param cpuRemainder what is left of it in billionths of a nano-unit, below 1,000,000,000
 * @param memoryCost cost of memory in nano-units
 * @param memoryRemainder what is left of it in 2^-30 nano-units, below 2^30
 */
public record Amounts(
    long cpuNanos,
    long memoryByteSeconds,
    long cpuCost,
    long cpuRemainder,
    long memoryCost,
    long memoryRemainder) {
  /** Nothing. */
  public static final Amounts ZERO = new Amounts(0, 0, 0, 0, 0, 0);

  /** Billionths. */
  public static final long CPU_UNIT = 1_000_000_000;

  /** Bytes in a GiB. */
  public static final long MEMORY_UNIT = 1L << 30;

  public Amounts {
    if (cpuNanos < 0 || memoryByteSeconds < 0 || cpuCost < 0 || memoryCost < 0) {
      throw new IllegalArgumentException(
          "%d ns, %d byte seconds at %d and %d: none may be negative"
              .formatted(cpuNanos, memoryByteSeconds, cpuCost, memoryCost));
    }
    if (cpuRemainder < 0
        || cpuRemainder >= CPU_UNIT
        || memoryRemainder < 0
        || memoryRemainder >= MEMORY_UNIT) {
      throw new IllegalArgumentException(
          "remainders %d and %d: they must be below %d and %d"
              .formatted(cpuRemainder, memoryRemainder, CPU_UNIT, MEMORY_UNIT));
    }
    Math.addExact(cpuCost, memoryCost);
  }

  /**
   * CPU time at a price.
   *
   * @param nanoUnitsPerSecond price of a CPU second
   */
  public static Amounts ofCpu(long nanos, long nanoUnitsPerSecond) {
    BigInteger[] cost = priced(nanos, nanoUnitsPerSecond, CPU_UNIT);
    return new Amounts(nanos, 0, cost[0].longValueExact(), cost[1].longValueExact(), 0, 0);
  }

  /**
   * Memory at a price.
   *
   * @param nanoUnitsPerGibSecond price of holding a GiB for a second
   */
  public static Amounts ofMemory(long byteSeconds, long nanoUnitsPerGibSecond) {
    BigInteger[] cost = priced(byteSeconds, nanoUnitsPerGibSecond, MEMORY_UNIT);
    return new Amounts(0, byteSeconds, 0, 0, cost[0].longValueExact(), cost[1].longValueExact());
  }

  private static BigInteger[] priced(long amount, long price, long unit) {
    return BigInteger.valueOf(amount)
        .multiply(BigInteger.valueOf(price))
        .divideAndRemainder(BigInteger.valueOf(unit));
  }

  /** The sum, remainders carried over. */
  public Amounts plus(Amounts other) {
    long cpuLeft = cpuRemainder + other.cpuRemainder;
    long memoryLeft = memoryRemainder + other.memoryRemainder;
    return new Amounts(
        Math.addExact(cpuNanos, other.cpuNanos),
        Math.addExact(memoryByteSeconds, other.memoryByteSeconds),
        Math.addExact(Math.addExact(cpuCost, other.cpuCost), cpuLeft / CPU_UNIT),
        cpuLeft % CPU_UNIT,
        Math.addExact(Math.addExact(memoryCost, other.memoryCost), memoryLeft / MEMORY_UNIT),
        memoryLeft % MEMORY_UNIT);
  }

  /** The whole cost in nano-units. */
  public long cost() {
    return cpuCost + memoryCost;
  }
}
